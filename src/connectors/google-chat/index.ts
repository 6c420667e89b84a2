/** Google Chat: named spaces, their threads and messages, as one user. */
import { defineConnector } from '../../connector/index.ts'
import { connect, type ChatApi } from './api.ts'
import { calls } from './calls.ts'
import { chatConfig, limits, oauth, type ChatConfig } from './config.ts'
import { pull } from './feed.ts'
import { spaceOf } from './items.ts'
import { list } from './listing.ts'
import { message, thread } from './messages.ts'
import { probe } from './probe.ts'
import { space } from './spaces.ts'

export const googleChat = defineConnector<ChatConfig, ChatApi>({
  name: 'google-chat',
  title: 'Google Chat',
  config: chatConfig,
  limits,
  calls,
  oauth,
  connect,
  probe,
  kinds: { space, thread, message },
  feeds: { chat: { kinds: ['space', 'thread', 'message'], reachesBack: true, pull, list } },
  unconfirmed: {
    feed: {
      fact: 'Events and lists show at most `lag_seconds` late, both delays together.',
      remedy: 'raise `lag_seconds` above what was seen',
    },
    'read-lag': {
      fact: 'A message that is read by itself shows at most 20 seconds late.',
      remedy: 'report it: how far reads lag is fixed in the connector',
    },
    'delete: last': {
      fact: 'The name of a message tells its thread.',
      remedy: 'report it; until then the audit notices threads that lost their last message',
    },
  },
  link: (_config, kind, place) => {
    const name = kind === 'space' ? place.ref : spaceOf(place.ref)
    return `https://mail.google.com/mail/u/0/#chat/space/${name.slice('spaces/'.length)}`
  },
})
