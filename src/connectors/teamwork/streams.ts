/** Comments and time: lists with times of change. */
import { type Call, type Item, type Ref, type Tombstone, ConnectorError } from '../../connector/index.ts'
import { V3, type Api } from './api.ts'
import type { Stream } from './feeds.ts'
import { changesOf, commentItem, entryItem } from './items.ts'
import { commentsPage, entriesPage, oneEntry, type WireComment, type WireEntry } from './wire.ts'

export const comments: Stream<WireComment> = {
  kinds: ['comment'],
  listed: {},
  async page({ client }, query, after) {
    const { comments: rows, meta } = await client.get(`${V3}/comments.json`, {
      query: {
        includeArchivedProjects: true,
        skipCounts: true,
        orderBy: 'date',
        ...(after === null ? {} : { updatedAfter: after }),
        ...query,
      },
      as: commentsPage,
    })
    return { rows, more: meta.page.hasMore }
  },
  changedAt: ({ postedDateTime, dateLastEdited }) => dateLastEdited ?? postedDateTime ?? null,
  changes: ({ api }, row) => changesOf('comment', [commentItem(api, row)]),
}

export const time: Stream<WireEntry> = {
  kinds: ['time'],
  listed: {},
  async page({ client }, query, after) {
    const { timelogs: rows, meta } = await client.get(`${V3}/time.json`, {
      query: {
        includeArchivedProjects: true,
        showDeleted: true,
        orderBy: 'date',
        ...(after === null ? {} : { updatedAfter: after }),
        ...query,
      },
      as: entriesPage,
    })
    return { rows, more: meta.page.hasMore }
  },
  changedAt: ({ createdAt, updatedAt, deletedAt }) => deletedAt ?? updatedAt ?? createdAt ?? null,
  changes: ({ api }, row) => changesOf('time', [entryItem(api, row)]),
}

export async function getEntry({ api }: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const { timelog } = await api.client.get(`${V3}/time/${ref}.json`, { as: oneEntry })
  const item = entryItem(api, timelog)
  if (item === null) throw new ConnectorError('missing', `the time entry ${ref} is in no project`)
  return item
}
