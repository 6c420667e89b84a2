/** The PostgreSQL in memory has one session, which its clients must not notice. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { serve } from './server.ts'

async function client(t: { after(end: () => unknown): void }, folder: string, options = ''): Promise<pg.Client> {
  const one = new pg.Client({ host: folder, user: 'postgres', database: 'postgres', options })
  await one.connect()
  t.after(() => one.end())
  return one
}
const first = async (one: pg.Client, text: string): Promise<unknown> =>
  (await one.query({ text, rowMode: 'array' })).rows[0]?.[0]

// Seen red: with sessions whose settings are not set again when their turn comes.
test('clients of the one session have settings, statements, transactions and notifications of their own', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pglite-'))
  const server = await serve(join(folder, '.s.PGSQL.5432'))
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const one = await client(t, folder, '-c search_path=one')
  const other = await client(t, folder, '-c search_path=other')
  await one.query('SET statement_timeout = 7000')
  assert.deepEqual(await first(other, 'SHOW search_path'), 'other')
  assert.deepEqual(await first(other, 'SHOW statement_timeout'), '0')
  assert.deepEqual([await first(one, 'SHOW search_path'), await first(one, 'SHOW statement_timeout')], ['one', '7s'])
  for (const [each, text] of [
    [one, 'SELECT 1 AS n'],
    [other, 'SELECT 2 AS n'],
  ] as const)
    assert.deepEqual((await each.query({ name: 'same', text })).rows, [{ n: text.includes('1') ? 1 : 2 }])
  const heard = new Promise<unknown>((resolve) => other.once('notification', ({ payload }) => resolve(payload)))
  await other.query('LISTEN doors')
  await one.query('BEGIN')
  await one.query(`CREATE TABLE public.notes (text text); NOTIFY doors, 'open'`)
  const later = first(other, 'SELECT count(*)::int FROM public.notes')
  await one.query(`INSERT INTO public.notes VALUES ('kept')`)
  await one.query('COMMIT')
  assert.equal(await later, 1)
  assert.equal(await heard, 'open')
  // Who goes within a transaction leaves nothing of it, and holds nobody up.
  const third = await client(t, folder)
  await third.query('BEGIN')
  await third.query('DELETE FROM public.notes')
  await third.end()
  assert.equal(await first(one, 'SELECT count(*)::int FROM public.notes'), 1)
  for (const [settings, code] of [
    [{ user: 'none', database: 'postgres' }, '28000'],
    [{ user: 'postgres', database: 'none' }, '3D000'],
  ] as const)
    await assert.rejects(new pg.Client({ host: folder, ...settings }).connect(), { code })
})
