import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { pages } from '../../src/cli/pages.ts'
import { runProgram } from '../../src/cli/program.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const documents = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]

// Seen red: when a page was edited by hand.
test('the page of every command is fresh: else run `node src/cli/pages.ts`', () => {
  for (const [path, text] of Object.entries(pages())) assert.equal(readFileSync(`${root}${path}`, 'utf8'), text, path)
})

/** The commands of an example line: what stands before a pipe, a redirection or a remark. */
function commandsOf(line: string): string[][] {
  const bare = line.replace(/\s{2,}\S.*$/, '').replace(/\s#.*$/, '')
  return bare
    .split(/&&|\||>/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('lockstep '))
    .map((part) => [...part.matchAll(/"([^"]*)"|(\S+)/g)].map((each) => each[1] ?? each[2] ?? '').slice(1))
}

function examplesIn(text: string): string[] {
  return [...text.matchAll(/```[^\n]*\n([^]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.trim().replace(/^\$ /, ''))
    .filter((line) => /^lockstep [a-z]/.test(line) && !line.includes('…') && !/[[\]<>]\w/.test(line))
}

// Seen red: when an option that an example of the guide names was renamed.
test('every documented example is a command that the program takes', async () => {
  let count = 0
  for (const document of documents)
    for (const line of examplesIn(readFileSync(`${root}${document}`, 'utf8')))
      for (const argv of commandsOf(line)) {
        let ran = false
        let said = ''
        const code = await runProgram(argv, {
          version: '1',
          start() {
            ran = true
            return Promise.resolve(0)
          },
          emulation: { known: ['google-chat', 'discourse'], start: () => Promise.reject(new Error('not started')) },
          texts: { schema: () => null, environment: () => '', example: () => '' },
          write: { out: (text) => (said += text), err: (text) => (said += text) },
        })
        assert.ok(ran && code === 0, `${document}: ${line}\n${said}`)
        count += 1
      }
  assert.ok(count > 60, String(count))
})
