/** Spaces: the containers. */
import { requiredText, type Item, type Kind } from '../../connector/index.ts'
import { reads, spaceCreation, spaceWrites, type ChatApi } from './api.ts'
import { spaceItem, spaceOf } from './items.ts'
import { spaceAnswer } from './wire.ts'

const LAG_SECONDS = 20

export const space: Kind<ChatApi> = {
  fields: { name: { type: 'text', required: true } },
  is: 'container',
  match: ['name'],
  idempotent: true,
  lag: LAG_SECONDS,
  async get({ api }, ref): Promise<Item> {
    return spaceItem(await api.spaces.get(`/v1/${spaceOf(ref)}`, { draw: reads(api, ref), as: spaceAnswer }))
  },
  /** A repeated request answers the space that the first one made. */
  async create({ api }, { key, values }) {
    const made = await api.spaces.post('/v1/spaces', {
      query: { requestId: key },
      body: { spaceType: 'SPACE', displayName: requiredText(values, 'name') },
      draw: spaceCreation(api),
      as: spaceAnswer,
    })
    return [{ kind: 'space', ...spaceItem(made) }]
  },
  async update({ api }, { ref, changed }) {
    const updated = await api.spaces.patch(`/v1/${spaceOf(ref)}`, {
      query: { updateMask: 'displayName' },
      body: { displayName: requiredText(changed, 'name') },
      draw: spaceWrites(api, ref),
      as: spaceAnswer,
    })
    return spaceItem(updated)
  },
}
