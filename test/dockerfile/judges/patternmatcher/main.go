// Judges ignore patterns: reads {"patterns":[...],"path":"..."} or {"file":"...","path":"..."} (a .dockerignore's text), one to
// a line, and answers what moby/patternmatcher says, one to a line: {"walk":bool,"path":bool} or {"error":"..."}.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

type question struct {
	Patterns []string `json:"patterns"`
	File     *string  `json:"file"`
	Path     string   `json:"path"`
}

type answer struct {
	// Walk is the verdict of a walk that hands each folder's result down, Path that for the path alone.
	Walk  bool   `json:"walk"`
	Path  bool   `json:"path"`
	Error string `json:"error,omitempty"`
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	decoder := json.NewDecoder(input)
	encoder := json.NewEncoder(output)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(judge(asked)); err != nil {
			panic(err)
		}
	}
}

func judge(asked question) answer {
	patterns := asked.Patterns
	if asked.File != nil {
		read, err := ignorefile.ReadAll(strings.NewReader(*asked.File))
		if err != nil {
			return answer{Error: err.Error()}
		}
		patterns = read
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return answer{Error: err.Error()}
	}
	byPath, err := matcher.MatchesOrParentMatches(asked.Path)
	if err != nil {
		return answer{Error: err.Error()}
	}
	byWalk, err := walk(matcher, asked.Path)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Walk: byWalk, Path: byPath}
}

func walk(matcher *patternmatcher.PatternMatcher, path string) (bool, error) {
	var state patternmatcher.MatchInfo
	ignored := false
	parts := strings.Split(path, "/")
	for end := range parts {
		var err error
		ignored, state, err = matcher.MatchesUsingParentResults(strings.Join(parts[:end+1], "/"), state)
		if err != nil {
			return false, err
		}
	}
	return ignored, nil
}
