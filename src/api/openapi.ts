import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import type { ApiContext } from './context.ts';
import { components } from './components.ts';
import { describeApi } from './document.ts';
import type { EventHub } from './events/hub.ts';
import { apiRoutes } from './routes.ts';
import { serializerCompiler } from './serialize.ts';
import { validatorCompiler } from './validate.ts';

/** The OpenAPI document without a running server: no route is called, so nothing needs to stand behind them. */
export async function openApiDocument(version: string): Promise<unknown> {
  const app = fastify({ exposeHeadRoutes: false }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await describeApi(app, version);
  for (const component of components) app.addSchema(component);
  await app.register(
    (scope, _options, done) => {
      apiRoutes(scope, {} as ApiContext, {} as EventHub);
      done();
    },
    { prefix: '/api/v1' },
  );
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
