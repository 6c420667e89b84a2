/** Google Chat and Discourse: a space and a category. */
import { noAddress } from './answers.ts'
import { quote } from './yaml.ts'
import { HEAD, type Draft, type Template } from './template.ts'

export const chatDiscourse: Template = {
  id: 'chat-discourse',
  about: 'Google Chat and Discourse: a space is a category, a thread a topic, a message a post',
  async draft({ asking }): Promise<Draft> {
    const forum = await asking.text({
      id: 'forum',
      words: 'Where is the forum?',
      example: 'https://forum.example.org',
      refused: noAddress,
    })
    const space = await asking.text({
      id: 'space',
      words: 'Which space? The id stands at the end of its address in Google Chat.',
      example: 'spaces/AAAA1234',
      refused: (answer) => (/^spaces\/[\w-]+$/.test(answer) ? null : 'a space is named spaces/…'),
    })
    const category = await asking.text({
      id: 'category',
      words: 'Which category? Its number stands at the end of its address in the forum.',
      example: '12',
      refused: (answer) => (/^\d+$/.test(answer) ? null : 'a category is known by its number'),
    })
    const user = await asking.text({
      id: 'forum_user',
      words: 'As which user of the forum does Lockstep write? A moderator that is there for this alone',
      proposed: 'sync_bot',
      refused: (answer) =>
        /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(answer) ? null : 'it is a username, without spaces',
    })
    const clientId = await asking.text({
      id: 'client',
      words: 'The OAuth client id of your Google Cloud project?',
      example: '1234-abcd.apps.googleusercontent.com',
    })
    const start = await asking.choose({
      id: 'start',
      words: 'Which items that stand on one side only are copied?',
      options: [
        { value: 'now', words: 'Those made from now on', hint: 'a mirror that begins today' },
        { value: 'all', words: 'All', hint: 'the whole history, once' },
      ],
    })
    return {
      text: textOf({ forum, space, category, user, clientId, start }),
      variables: [
        { name: 'GOOGLE_CHAT_CLIENT_SECRET', value: null, about: 'the secret of the OAuth client' },
        { name: 'DISCOURSE_API_KEY', value: null, about: 'Admin → API, for a moderator' },
        { name: 'DISCOURSE_WEBHOOK_SECRET', value: null, about: 'as set at the webhook; any long random text' },
      ],
      next: [
        ['lockstep connect chat', 'sign in to Google'],
        ['lockstep check', 'is it right, can the accounts do what is needed?'],
        ['lockstep plan', 'what would be done, item by item; nothing is written'],
        ['lockstep sync', 'shows the plan again and asks: the first sync needs a yes'],
        ['lockstep run', 'from then on'],
      ],
      shown: null,
    }
  },
}

interface Answers {
  readonly forum: string
  readonly space: string
  readonly category: string
  readonly user: string
  readonly clientId: string
  readonly start: string
}

function textOf({ forum, space, category, user, clientId, start }: Answers): string {
  return `${HEAD}
connections:
  chat:
    connector: google-chat
    client_id: ${quote(clientId)}
    client_secret: \${GOOGLE_CHAT_CLIENT_SECRET}
    # "lockstep connect chat" signs in as the user to act as, and keeps the token sealed in the store.
  forum:
    connector: discourse
    base_url: ${forum}
    api_username: ${quote(user)} # what Lockstep writes stands under this name
    api_key: \${DISCOURSE_API_KEY}
    # Admin → API → Webhooks, to <the address of your server>/webhooks/forum; or "webhooks: off" to poll only.
    webhook_secret: \${DISCOURSE_WEBHOOK_SECRET}

flows:
  team:
    between: [chat, forum]
    scopes:
      - [${space}, ${category}]
    start: ${start} # or now, all, or a date
`
}
