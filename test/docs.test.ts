/** Documents and tests name each other, links lead somewhere, and the example that is printed compiles. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { optionsOf } from '../src/config/connection-options.ts'
import { connectors } from '../src/connectors/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const documents = globSync('{*.md,docs/**/*.md}', { cwd: root }).toSorted()

/** A test as a document names it, or as its file has it: there it may be a template. */
interface Named {
  readonly file: string
  readonly name: string
}

const TEST = /\btest(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1).)+)\1/gs
const CHECK = /\bassumed:\s*(['"`])((?:\\.|(?!\1).)+)\1/gs

/** The names of the tests in a file, as they are written there. */
function namesIn(file: string): string[] {
  // A check of the contract is a test of each connector, by what it says is assumed.
  const written = file.startsWith('src/conformance/') ? CHECK : TEST
  const calls = read(file).matchAll(written)
  return [...calls].map((call) => (call[2] ?? '').replaceAll(/\\(.)/gs, '$1'))
}

/** Whether a name is this one, or one that the template makes. */
function isNamed(written: string, name: string): boolean {
  if (!written.includes('${')) return written === name
  const parts = written.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.+')}$`, 's').test(name)
}

/** The entries of a document, each with the lines that name a test or say that there is none. */
function entriesOf(file: string, heading: RegExp): Map<string, { readonly tests: Named[]; readonly gaps: string[] }> {
  const entries = new Map<string, { tests: Named[]; gaps: string[] }>()
  let current: { tests: Named[]; gaps: string[] } | null = null
  for (const line of read(file).split('\n')) {
    const number = heading.exec(line)?.[1]
    if (number !== undefined) {
      assert.ok(!entries.has(number), `${file}: ${number} stands there twice`)
      current = { tests: [], gaps: [] }
      entries.set(number, current)
    }
    const named = /^- \[((?:test|src\/testing|src\/conformance)\/[^\]]+)\]\([^)]+\): (.+)$/.exec(line)
    if (named !== null) current?.tests.push({ file: named[1] ?? '', name: named[2] ?? '' })
    else if (/^- not yet: ./.test(line)) current?.gaps.push(line)
    else assert.ok(!line.startsWith('- ') || current === null, `${file}: neither a test nor a gap: ${line}`)
  }
  return entries
}

function assertPaired(file: string, entries: ReturnType<typeof entriesOf>): void {
  for (const [number, { tests, gaps }] of entries) {
    assert.ok(tests.length + gaps.length > 0, `${file}: ${number} names no test and no gap`)
    for (const each of tests) {
      assert.ok(existsSync(path.join(root, each.file)), `${file}: ${number} names ${each.file}, which is not there`)
      const found = namesIn(each.file).some((written) => isNamed(written, each.name))
      assert.ok(found, `${file}: ${number} names a test that ${each.file} does not have: ${each.name}`)
    }
  }
}

const failures = entriesOf('docs/failures.md', /^\*\*(F\d+)\./)
const guarantees = entriesOf('docs/spec.md', /^\*\*([PS]\d+)\./)
const testFiles = globSync('{src,test}/**/*.test.ts', { cwd: root }).map((file) => file.replaceAll(path.sep, '/'))

test('every way to fail from F1 to F60 names tests that exist, or says what is missing', () => {
  assert.deepEqual(
    [...failures.keys()],
    Array.from({ length: 60 }, (_, index) => `F${index + 1}`),
  )
  assertPaired('docs/failures.md', failures)
})

test('every guarantee names tests that exist, or says what is missing', () => {
  const properties = Array.from({ length: 13 }, (_, index) => `P${index + 1}`)
  assert.deepEqual([...guarantees.keys()].slice(0, 13), properties)
  assertPaired('docs/spec.md', guarantees)
})

test('every test that is called after a way to fail stands under its number', () => {
  for (const file of testFiles)
    for (const name of namesIn(file)) {
      const number = /^(F\d+)\b/.exec(name)?.[1]
      assert.ok(number !== undefined || !file.startsWith('test/failures/'), `${file}: no number: ${name}`)
      if (number === undefined) continue
      const listed = failures.get(number)?.tests.filter((each) => each.file === file) ?? []
      assert.ok(
        listed.some((each) => isNamed(name, each.name)),
        `docs/failures.md: ${number} does not name the test of ${file}: ${name}`,
      )
    }
})

test('every test that is called after a guarantee stands under its number', () => {
  for (const file of testFiles)
    for (const name of namesIn(file)) {
      const number = /^([PS]\d+)\b/.exec(name)?.[1]
      if (number === undefined) continue
      const listed = guarantees.get(number)?.tests.filter((each) => each.file === file) ?? []
      assert.ok(
        listed.some((each) => isNamed(name, each.name)),
        `docs/spec.md: ${number} does not name the test of ${file}: ${name}`,
      )
    }
})

test('links between documents lead to files and headings that are there', () => {
  for (const document of documents) {
    const text = read(document).replaceAll(/^```.*?^```/gms, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const full = file === '' ? path.join(root, document) : path.resolve(root, path.dirname(document), file)
      assert.ok(full.startsWith(root), `${document}: ${target} is outside the project`)
      assert.ok(existsSync(full), `${document}: ${target} is not there`)
      if (anchor === undefined) continue
      const anchors = [...readFileSync(full, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
        anchorOf(heading),
      )
      assert.ok(anchors.includes(anchor), `${document}: ${target} has no such heading`)
    }
  }
})

/** As it is made where documents are shown. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

test('files of the project that a document names are there', () => {
  const known = /^(src|test|docs|demo|bin)\/[\w./-]+\.\w+$/
  for (const document of documents) {
    const text = read(document).replaceAll(/^```.*?^```/gms, '')
    for (const [, named = ''] of text.matchAll(/`([^`\n]+)`/g)) {
      const isExample = named.startsWith('src/connectors/shelf/')
      if (known.test(named) && !isExample) assert.ok(existsSync(path.join(root, named)), `${document}: ${named}`)
    }
  }
})

test('no document names a place outside the project', () => {
  for (const document of documents)
    assert.doesNotMatch(read(document), /(?<![\w.])\/(work|home|Users|root|tmp)\/|(?<!\w)\.\.\/shared\b/, document)
})

test('the commands that documents name are scripts of the project', () => {
  const packageJson = read('package.json')
  for (const document of documents)
    for (const [, script = ''] of read(document).matchAll(/npm run ([\w:-]+)/g))
      assert.ok(packageJson.includes(`"${script}":`), `${document}: npm run ${script}`)
})

const example = path.join(root, 'dist', `docs-test-${process.pid}`)
after(() => rmSync(example, { recursive: true, force: true }))

test('the connector in CONTRIBUTING.md compiles as it is printed, and is registered like any other', async () => {
  const code = /^```ts\n(.*?)^```/ms.exec(read('CONTRIBUTING.md'))?.[1] ?? ''
  mkdirSync(example, { recursive: true })
  writeFileSync(path.join(example, 'shelf.ts'), code.replaceAll('../../connector/', '../../src/connector/'))
  writeFileSync(path.join(example, 'tsconfig.json'), '{ "extends": "../../tsconfig.json", "include": ["shelf.ts"] }')
  const { status, stdout } = spawnSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', example], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  const module: unknown = await import(path.join(example, 'shelf.ts'))
  assert.ok(typeof module === 'object' && module !== null && 'shelf' in module)
})

// Seen red: two pages named options as the code does, which a configuration is refused for.
test('the page of each connector names its options as a configuration has them', () => {
  for (const connector of connectors.values()) {
    const file = `docs/connectors/${connector.name}.md`
    const page = read(file)
    const options = optionsOf(connector)
    const inCode = options.filter(({ key, name }) => key !== name && page.includes(`\`${key}\``))
    assert.deepEqual(
      inCode.map(({ key }) => key),
      [],
      file,
    )
    const unnamed = options.filter(({ name, required }) => required && !new RegExp(`\\b${name}\\b`).test(page))
    assert.deepEqual(
      unnamed.map(({ name }) => name),
      [],
      file,
    )
  }
})
