import { queryOptions } from '@tanstack/react-query';
import { api, asked } from '../api/client.ts';

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await asked(api.GET('/api/v1/people', { signal }))).items,
});

export const brandsQuery = queryOptions({
  queryKey: ['brands'],
  queryFn: async ({ signal }) => (await asked(api.GET('/api/v1/brands', { signal }))).items,
});

export const trunksQuery = queryOptions({
  queryKey: ['trunks'],
  queryFn: async ({ signal }) => (await asked(api.GET('/api/v1/trunks', { signal }))).items,
});

export const platformQuery = queryOptions({
  queryKey: ['platform'],
  queryFn: ({ signal }) => asked(api.GET('/api/v1/platform', { signal })),
});
