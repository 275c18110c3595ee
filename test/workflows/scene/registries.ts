// The two registries that a scene publishes to: each asks for a login of its own, and stands behind a proxy that can spoil requests.

import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.ts';
import { busyboxImage, pushTestIndex } from '../../support/images.ts';
import { type Registry, startRegistry } from '../../support/registry.ts';
import { type Login, startTokenServer, type TokenRequest, type TokenServer } from '../../support/token-server.ts';

/** One of the registries, as a workflow sees it: `host` is its name in references. Anybody may pull. */
export interface SceneRegistry extends AsyncDisposable {
  readonly host: string;
  readonly proxy: FaultProxy;
  readonly registry: Registry;
  readonly login: Login;
  /** Who asked for a token, and for what. */
  tokenRequests(): readonly TokenRequest[];
}

/** Starts a registry that takes the login of its name, with a base image `base/busybox` in it. */
export async function startSceneRegistry(name: string): Promise<SceneRegistry> {
  const login: Login = { username: `robot-of-${name}`, password: `password-of-${name}-4d1f` };
  const tokens: TokenServer = await startTokenServer({ login, anonymous: ['pull'] });
  const registry = await startRegistry({ auth: tokens.registryAuth });
  const proxy = await startFaultProxy(registry.host);
  const creds = `--dest-creds=${login.username}:${login.password}`;
  await pushTestIndex(proxy.host, 'base/busybox', await busyboxImage(), 'latest', [creds]);
  return {
    ...{ host: proxy.host, proxy, registry, login },
    tokenRequests: () => tokens.requests(),
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await registry.stop();
      await tokens.stop();
    },
  };
}
