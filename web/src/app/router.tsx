import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { readCallFilters } from '../calls/journal/filters.ts';
import { readEntrySearch } from '../policy/frame/address.ts';
import { readExample } from '../policy/explain/example.ts';
import { readFilters } from '../recordings/filters.ts';
import { readBack } from '../session/back.ts';
import { sessionQuery } from '../session/session.ts';
import { RecordingsPage } from '../recordings/page.tsx';
import { ErrorPage, ErrorPart, NotFoundPage, PendingPage, RootFrame } from './frame.tsx';
import { Shell } from './shell.tsx';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: RootFrame,
  errorComponent: ErrorPage,
  notFoundComponent: NotFoundPage,
});

/** Everything behind the sign-in. */
const inside = createRoute({
  id: 'inside',
  getParentRoute: () => root,
  component: Shell,
  errorComponent: ErrorPage,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session !== null) return;
    const back = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: back === undefined ? {} : { back } });
  },
});

const recordings = createRoute({
  path: '/',
  getParentRoute: () => inside,
  validateSearch: readFilters,
  component: RecordingsPage,
});

const recording = createRoute({
  path: '/recordings/$id',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../recordings/recording-page.tsx'), 'RecordingPage'),
});

const calls = createRoute({
  path: '/calls',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../calls/layout.tsx'), 'CallsLayout'),
});

const callsParts = [
  createRoute({
    path: '/',
    getParentRoute: () => calls,
    validateSearch: readCallFilters,
    component: lazyRouteComponent(() => import('../calls/journal/page.tsx'), 'JournalPage'),
  }),
  createRoute({
    path: '/live',
    getParentRoute: () => calls,
    component: lazyRouteComponent(() => import('../calls/live/page.tsx'), 'LivePage'),
  }),
] as const;

const call = createRoute({
  path: '/calls/$callId',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../calls/journal/call-page.tsx'), 'CallPage'),
});

const own = createRoute({
  path: '/own',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../own/page.tsx'), 'OwnPage'),
});

const policyStart = createRoute({
  path: '/policy',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../policy/start.tsx'), 'PolicyStart'),
});

const account = createRoute({
  path: '/accounts/$accountId',
  getParentRoute: () => inside,
  validateSearch: readEntrySearch,
  component: lazyRouteComponent(() => import('../policy/layout.tsx'), 'PolicyLayout'),
});

const accountParts = [
  createRoute({
    path: '/rules',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/rules/page.tsx'), 'RulesPage'),
  }),
  createRoute({
    path: '/matrix',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/matrix/page.tsx'), 'MatrixPage'),
  }),
  createRoute({
    path: '/explain',
    getParentRoute: () => account,
    validateSearch: readExample,
    component: lazyRouteComponent(() => import('../policy/explain/page.tsx'), 'ExplainPage'),
  }),
  createRoute({
    path: '/filters',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/filters/page.tsx'), 'FiltersPage'),
  }),
  createRoute({
    path: '/account',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/account/page.tsx'), 'AccountPage'),
  }),
  createRoute({
    path: '/history',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/history/page.tsx'), 'HistoryPage'),
  }),
  createRoute({
    path: '/imports',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/imports/page.tsx'), 'ImportsPage'),
  }),
  createRoute({
    path: '/numbers',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/numbers/page.tsx'), 'NumbersPage'),
  }),
  createRoute({
    path: '/queues',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/queues/page.tsx'), 'QueuesPage'),
  }),
  createRoute({
    path: '/users',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/people/users.tsx'), 'UsersPage'),
  }),
  createRoute({
    path: '/devices',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/people/devices.tsx'), 'DevicesPage'),
  }),
  createRoute({
    path: '/roles',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/people/groupings.tsx'), 'RolesPage'),
  }),
  createRoute({
    path: '/teams',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/people/groupings.tsx'), 'TeamsPage'),
  }),
  createRoute({
    path: '/groups',
    getParentRoute: () => account,
    component: lazyRouteComponent(() => import('../policy/people/groupings.tsx'), 'GroupsPage'),
  }),
] as const;

const settings = createRoute({
  path: '/settings',
  getParentRoute: () => inside,
  component: lazyRouteComponent(() => import('../settings/layout.tsx'), 'SettingsLayout'),
});

const settingsParts = [
  createRoute({
    path: '/',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../settings/recording.tsx'), 'RecordingSettings'),
  }),
  createRoute({
    path: '/people',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../platform/people.tsx'), 'PeoplePage'),
  }),
  createRoute({
    path: '/accounts',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../platform/accounts.tsx'), 'AccountsPage'),
  }),
  createRoute({
    path: '/trunks',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../platform/trunks.tsx'), 'TrunksPage'),
  }),
  createRoute({
    path: '/tokens',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../settings/tokens.tsx'), 'TokenSettings'),
  }),
  createRoute({
    path: '/status',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../settings/status.tsx'), 'StatusPage'),
  }),
  createRoute({
    path: '/audit',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../settings/audit.tsx'), 'AuditPage'),
  }),
  createRoute({
    path: '/profile',
    getParentRoute: () => settings,
    component: lazyRouteComponent(() => import('../settings/profile.tsx'), 'ProfilePage'),
  }),
] as const;

const signIn = createRoute({
  path: '/sign-in',
  getParentRoute: () => root,
  validateSearch: readBack,
  component: lazyRouteComponent(() => import('../session/sign-in.tsx'), 'SignInPage'),
});

const join = createRoute({
  path: '/join',
  getParentRoute: () => root,
  component: lazyRouteComponent(() => import('../session/join.tsx'), 'JoinPage'),
});

const setup = createRoute({
  path: '/setup',
  getParentRoute: () => root,
  component: lazyRouteComponent(() => import('../setup/page.tsx'), 'SetupPage'),
});

const routeTree = root.addChildren([
  inside.addChildren([
    recordings,
    recording,
    calls.addChildren(callsParts),
    call,
    own,
    policyStart,
    account.addChildren(accountParts),
    settings.addChildren(settingsParts),
  ]),
  signIn,
  join,
  setup,
]);

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadDelay: 60,
    scrollRestoration: true,
    defaultPendingComponent: PendingPage,
    defaultErrorComponent: ErrorPart,
    defaultPendingMs: 200,
  });
}
