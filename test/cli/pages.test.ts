import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pages } from '../../src/cli/pages.ts'
import { runProgram } from '../../src/cli/program.ts'
import { documentedExamples, root } from './examples.ts'

// Seen red: when a page was edited by hand.
test('the page of every command is fresh: else run `node src/cli/pages.ts`', () => {
  for (const [path, text] of Object.entries(pages())) assert.equal(readFileSync(`${root}${path}`, 'utf8'), text, path)
})

// Seen red: when an option that an example of the guide names was renamed.
test('every documented example is a command that the program takes', async () => {
  const examples = documentedExamples()
  for (const { document, line, argv } of examples) {
    let ran = false
    let said = ''
    const code = await runProgram(argv, {
      version: '1',
      start() {
        ran = true
        return Promise.resolve(0)
      },
      emulation: {
        known: ['google-chat', 'discourse'],
        joins: () => false,
        start: () => Promise.reject(new Error('not started')),
      },
      texts: { schema: () => null, environment: () => '', example: () => '' },
      write: { out: (text) => (said += text), err: (text) => (said += text) },
    })
    assert.ok(ran && code === 0, `${document}: ${line}\n${said}`)
  }
  assert.ok(examples.length > 60, String(examples.length))
})

// Seen red: before, standard output was empty.
test('a command that is used wrongly says so as JSON where a program asks', async () => {
  let out = ''
  const code = await runProgram(['bogus', '--json'], {
    version: '1',
    start: () => Promise.resolve(0),
    emulation: { known: [], joins: () => false, start: () => Promise.reject(new Error('not started')) },
    texts: { schema: () => null, environment: () => '', example: () => '' },
    write: { out: (text) => (out += text), err: () => undefined },
  })
  assert.equal(code, 2)
  assert.deepEqual(JSON.parse(out), {
    error: { code: 'usage', message: "unknown command 'bogus'", remedy: 'lockstep --help' },
  })
})
