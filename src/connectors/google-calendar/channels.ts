/** Push channels: Google tells that something in a calendar has changed, without saying what. */
import { secretMatches, type Channels, type RawRequest, type Webhook } from '../../connector/index.ts'
import { eventsPath, type CalendarApi } from './api.ts'
import { channelAnswer } from './wire.ts'

export const channels: Channels<CalendarApi> = {
  per: 'scope',
  async open({ api, scope }, { id, address, secret }) {
    const { resourceId, expiration } = await api.client.post(eventsPath(scope, 'watch'), {
      body: { id, type: 'web_hook', address, token: secret },
      as: channelAnswer,
    })
    return { handle: resourceId, expiresAt: expiration === undefined ? null : Number(expiration) }
  },
  close: ({ api }, { id, handle }) =>
    api.client.post('/calendar/v3/channels/stop', { body: { id, resourceId: handle } }),
  handleIn: ({ headers }) => headers['x-goog-resource-id'] ?? null,
}

/** The first message (`sync`) tells that the channel is open: what came before it is looked for as well. */
export const webhook: Webhook = {
  verify: (request, secret) => secretMatches(tokenIn(request), secret),
  hints: () => [{ feed: 'calendar', scope: '', ref: '' }],
}

function tokenIn({ headers }: RawRequest): string {
  return headers['x-goog-channel-token'] ?? ''
}
