import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellCommand } from '../../src/adapters/command.ts'

test('a command gets the text on stdin, and none of the variables of this process but a few', async () => {
  process.env['LOCKSTEP_TEST_SECRET'] = 'nobody may see it'
  const check = 'test "$(cat)" = "the news" && test -z "$LOCKSTEP_TEST_SECRET" && test -n "$PATH"'
  assert.equal(await tellCommand(['sh', '-c', check], 'the news'), null)
  assert.equal(await tellCommand(['sh', '-c', 'exit 3'], 'the news'), 'it ended with 3')
  assert.match((await tellCommand(['/nowhere/tell'], 'the news')) ?? '', /ENOENT/)
})

// Seen red: when it was asked to end by SIGTERM, nobody was told anything any more, and the service did not end.
test('a command that does not end, and takes no notice of signals, is killed', async () => {
  const deaf = ['sh', '-c', 'trap "" TERM INT HUP; while :; do sleep 0.1; done'] as const
  assert.equal(await tellCommand([...deaf], 'the news', 500), 'it ended with SIGKILL')
})
