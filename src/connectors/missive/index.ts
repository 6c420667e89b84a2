/**
 * Missive: conversations with their messages, attachments, comments and posts, and the people, teams and labels, with a
 * token.
 */
import { defineConnector } from '../../connector/index.ts'
import { connect, probe, type Api } from './api.ts'
import { calls } from './calls.ts'
import { channels } from './channels.ts'
import { configuration, limitsOf, type Config } from './config.ts'
import { directory, people } from './directory.ts'
import { feedOf } from './feeds.ts'
import { files } from './files.ts'
import { kinds } from './kinds.ts'
import { commentsOf, messagesOf, postsOf } from './reading.ts'
import { webhook } from './webhook.ts'

export const missive = defineConnector<Config, Api>({
  name: 'missive',
  title: 'Missive',
  config: configuration,
  limits: limitsOf,
  calls,
  connect,
  probe,
  kinds,
  feeds: {
    conversations: feedOf(['conversation'], null),
    messages: feedOf(['message', 'attachment'], messagesOf),
    comments: feedOf(['comment'], commentsOf),
    posts: feedOf(['post'], postsOf),
    ...directory,
  },
  files,
  people,
  webhook,
  channels,
  link: (_, kind, { ref }) =>
    kind === 'conversation' ? `https://mail.missiveapp.com/#inbox/conversations/${ref}` : null,
})
