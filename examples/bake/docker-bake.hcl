variable "VERSION" {
  default = "1.4.0"
}

group "default" {
  targets = ["app", "tools"]
}

target "app" {
  matrix   = { flavor = ["full", "slim"] }
  name     = "app-${flavor}"
  context  = "app"
  contexts = { tools = "target:tools" }
  args     = { FLAVOR = flavor, VERSION = VERSION }
  platforms = ["linux/amd64", "linux/arm64"]
}

target "tools" {
  context   = "tools"
  platforms = ["linux/amd64", "linux/arm64"]
}
