/** Contacts and their books and groups. */
import { z } from 'zod'
import { badRequest, notFound } from './answers.ts'
import { slice } from './directories.ts'
import { readBody, type Query } from './query.ts'
import { freshId, seconds, type Contact, type World } from './state.ts'
import { contactJson } from './views.ts'

export const CONTACT_QUERY = ['contact_book', 'order', 'limit', 'offset', 'modified_since', 'include_deleted', 'search']
export const GROUP_QUERY = ['contact_book', 'kind', 'limit', 'offset']

const PARTS = {
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  notes: z.string().optional(),
  starred: z.boolean().optional(),
  infos: z.array(z.looseObject({ kind: z.string() })).optional(),
  memberships: z.array(z.looseObject({ group: z.unknown() })).optional(),
}
const CREATE = z.strictObject({
  contacts: z.array(z.strictObject({ contact_book: z.string(), ...PARTS })).min(1),
})
const CHANGE = z.strictObject({
  contacts: z.array(z.strictObject({ id: z.string(), contact_book: z.string().optional(), ...PARTS })).min(1),
})

export function listBooks(world: World, by: string, query: Query) {
  const found = [...world.contactBooks.values()].filter(({ id }) => mayUse(world, by, id))
  return {
    contact_books: slice(found, query).map(({ id, name, user, organization = null }) => ({
      id,
      name,
      user,
      organization,
      share_with_organization: organization !== null,
    })),
  }
}

export function listGroups(world: World, by: string, query: Query) {
  const book = bookOf(world, by, query)
  const kind = query.text('kind')
  if (kind !== 'group' && kind !== 'organization') throw badRequest("'kind' is 'group' or 'organization'")
  const found = (world.contactBooks.get(book)?.groups ?? []).filter((group) => group.kind === kind)
  return { contact_groups: slice(found, query) }
}

/** By last name; with `order=last_modified` the newest first. `modified_since` is inclusive. */
export function listContacts(world: World, by: string, query: Query) {
  const book = bookOf(world, by, query)
  const since = query.count('modified_since')
  const term = query.text('search')?.toLowerCase() ?? ''
  const order = query.text('order') ?? 'last_name'
  if (order !== 'last_name' && order !== 'last_modified') throw badRequest(`'order' ${order} is unknown`)
  if (query.flag('include_deleted') && since === null) throw badRequest("'include_deleted' needs 'modified_since'")
  const found = [...world.contacts.values()].filter((contact) => {
    if (contact.bookId !== book || (contact.deleted && !query.flag('include_deleted'))) return false
    if (since !== null && seconds(contact.modifiedAt) < since) return false
    return JSON.stringify(contactJson(contact)).toLowerCase().includes(term)
  })
  const sorted = found.toSorted((one, other) =>
    order === 'last_name' ? one.lastName.localeCompare(other.lastName) : other.modifiedAt - one.modifiedAt,
  )
  return { contacts: slice(sorted, query).map(contactJson) }
}

/** A list of one. */
export function getContact(world: World, by: string, id: string) {
  return { contacts: [contactJson(liveContact(world, by, id))] }
}

export function createContacts(world: World, by: string, value: unknown) {
  const { contacts } = readBody(CREATE, value)
  for (const { contact_book } of contacts)
    if (!mayUse(world, by, contact_book)) throw notFound('Contact book not found')
  return {
    contacts: contacts.map(({ contact_book, ...parts }) => {
      const contact = {
        id: freshId(world),
        bookId: contact_book,
        firstName: '',
        lastName: '',
        notes: '',
        starred: false,
        infos: [],
        memberships: [],
        deleted: false,
      }
      return contactJson(keepContact(world, { ...contact, ...partsOf(parts) }))
    }),
  }
}

/** Lists that are given replace those that stood. */
export function changeContacts(world: World, by: string, ids: readonly string[], value: unknown) {
  const { contacts } = readBody(CHANGE, value)
  if (
    contacts
      .map(({ id }) => id)
      .toSorted()
      .join() !== ids.toSorted().join()
  )
    throw badRequest('contacts: one object for each id of the address')
  const found = contacts.map(({ id, contact_book, ...parts }) => ({
    ...liveContact(world, by, id),
    ...partsOf(parts),
    ...(contact_book === undefined ? {} : { bookId: contact_book }),
  }))
  return { contacts: found.map((contact) => contactJson(keepContact(world, contact))) }
}

export function removeContact(world: World, by: string, id: string): void {
  keepContact(world, { ...liveContact(world, by, id), deleted: true })
}

function keepContact(world: World, contact: Omit<Contact, 'modifiedAt'>): Contact {
  const kept = { ...contact, modifiedAt: world.ports.now() }
  world.contacts.set(kept.id, kept)
  return kept
}

function partsOf(parts: Omit<z.output<typeof CREATE>['contacts'][number], 'contact_book'>): Partial<Contact> {
  const { first_name, last_name, notes, starred, infos, memberships } = parts
  return {
    ...(first_name === undefined ? {} : { firstName: first_name }),
    ...(last_name === undefined ? {} : { lastName: last_name }),
    ...(notes === undefined ? {} : { notes }),
    ...(starred === undefined ? {} : { starred }),
    ...(infos === undefined ? {} : { infos }),
    ...(memberships === undefined ? {} : { memberships }),
  }
}

function liveContact(world: World, by: string, id: string): Contact {
  const contact = world.contacts.get(id)
  if (contact === undefined || contact.deleted || !mayUse(world, by, contact.bookId))
    throw notFound('Contact not found')
  return contact
}

function bookOf(world: World, by: string, query: Query): string {
  const book = query.text('contact_book')
  if (book === null) throw badRequest("'contact_book' is required")
  if (!mayUse(world, by, book)) throw notFound('Contact book not found')
  return book
}

function mayUse(world: World, by: string, id: string): boolean {
  const book = world.contactBooks.get(id)
  if (book === undefined) return false
  return (
    book.user === by ||
    (book.organization !== undefined && world.users.get(by)?.organizations[book.organization] !== undefined)
  )
}
