import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { json, postsIn, SECRETS, worldOf, type World } from './world.ts'

const BOBS = 'a-refresh-token-of-bob'
const AGAIN = 'another-refresh-token-of-ann'

/** Two users of Chat with a space each, and a category for each in one forum. */
async function product(t: TestContext): Promise<World> {
  const world = await worldOf(t, {
    chat: {
      spaces: [
        { id: 'AAAAAnn', displayName: 'Ann', members: ['100', '101'] },
        { id: 'AAAABob', displayName: 'Bob', members: ['101', '100'] },
      ],
      refreshTokens: [
        { token: SECRETS.refresh, user: '100', client: 'client' },
        { token: BOBS, user: '101', client: 'client' },
        { token: AGAIN, user: '100', client: 'client' },
      ],
    },
    forum: { categories: [{ name: 'Ann' }, { name: 'Bob' }] },
  })
  named(world, ['ann', 'bob'])
  return world
}

function named(world: World, ids: readonly string[], ofBob = BOBS): void {
  const accounts: { readonly [id: string]: string } = {
    ann: `{ space: spaces/AAAAAnn, category: 2, token: ${SECRETS.refresh} }`,
    bob: `{ space: spaces/AAAABob, category: 3, token: ${ofBob} }`,
  }
  const lines = ids.map((id) => `  ${id}: ${accounts[id] ?? ''}\n`)
  world.configure(
    (text) =>
      `accounts:\n${lines.join('')}${text
        .replace('connector: google-chat', 'per: account\n    connector: google-chat')
        .replace(`refresh_token: ${SECRETS.refresh}`, 'refresh_token: ${account.token}')
        .replace('between:', 'per: account\n    between:')
        .replace(/scopes: .*/, 'scopes: [["${account.space}", "${account.category}"]]')}`,
  )
}

const idsIn = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((each: { id: unknown }) => each.id) : value

// Seen red: when the name of a template is taken for that of a flow.
test('a template is synced, shown, paused and let go on for all its accounts, or for one', async (t) => {
  const world = await product(t)
  world.chat.as('101').post('spaces/AAAABob', 'said by Bob to himself')
  world.chat.as('100').post('spaces/AAAAAnn', 'said by Ann to herself')
  const plan = await world.run('plan', 'team/bob')
  assert.match(plan.out, /FLOW +DO +IN/)
  assert.match(plan.out, /team\/bob +create +forum +topic/)
  assert.doesNotMatch(plan.out, /team\/ann +create/)
  const sync = await world.run('sync', 'team', '--yes')
  assert.equal(sync.code, 0, sync.out + sync.err)
  assert.equal(postsIn(world).length, 2)
  const status = await world.run('status', 'team/ann', '--json')
  assert.deepEqual(idsIn(json(status)['flows']), ['team/ann'])
  assert.deepEqual(idsIn(json(status)['connections']), ['chat/ann', 'forum'])
  assert.deepEqual(idsIn(json(await world.run('status', 'team', '--json'))['flows']), ['team/ann', 'team/bob'])
  assert.match((await world.run('history', 'team/bob')).out, /team\/bob .*said by Bob/)

  assert.match((await world.run('flows', 'pause', 'team')).out, /^team is paused/)
  assert.match((await world.run('flows')).out, /team\/ann .*paused[^]*team\/bob .*paused/)
  await world.run('flows', 'resume', 'team/ann')
  const flows = (await world.run('flows')).out
  assert.match(flows, /team\/bob .*paused/)
  assert.doesNotMatch(flows, /team\/ann .*paused/)
  await world.run('flows', 'resume', 'team')

  assert.equal(json(await world.run('backfill', 'team', '--since', '1d', '--json')).error?.code, 'several-accounts')
  const unknown = await world.run('status', 'team/cyd')
  assert.equal(unknown.code, 2)
  assert.match(unknown.err, /There is no flow "team\/cyd".*\n.*team\/(ann|bob)/)
})

test('an account that left the configuration is forgotten by a person, and the others go on', async (t) => {
  const world = await product(t)
  world.chat.as('101').post('spaces/AAAABob', 'said by Bob to himself')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  named(world, ['ann'])
  const stopped = await world.run('sync')
  assert.equal(stopped.code, 2)
  assert.match(stopped.err, /account "bob" in "team"[^]*lockstep flows remove team\/bob/)
  assert.match((await world.run('flows', 'remove', 'team')).out, /links? of team forgotten/)
  const went = await world.run('sync')
  assert.equal(went.code, 0, went.out + went.err)
})

test('two accounts that one user signed in to are told by a check', async (t) => {
  const world = await product(t)
  assert.equal((await world.run('check')).code, 0)
  named(world, ['ann', 'bob'], AGAIN)
  const check = await world.run('check')
  assert.equal(check.code, 1)
  assert.match(check.out + check.err, /chat\/bob[^]*signed in as users\/100, as chat\/ann is/)
})
