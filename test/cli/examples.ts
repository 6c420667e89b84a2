/** The command lines that the documents show. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Example {
  readonly document: string
  readonly line: string
  readonly argv: readonly string[]
}

export function documentedExamples(): readonly Example[] {
  return ['README.md', ...globSync('docs/**/*.md', { cwd: root })].flatMap((document) =>
    linesIn(readFileSync(`${root}${document}`, 'utf8')).flatMap((line) =>
      commandsOf(line).map((argv) => ({ document, line, argv })),
    ),
  )
}

function linesIn(text: string): string[] {
  return [...text.matchAll(/```[^\n]*\n([^]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .map((line) => line.trim().replace(/^\$ /, ''))
    .filter((line) => /^lockstep [a-z]/.test(line) && !line.includes('…') && !/[[\]<>]\w/.test(line))
}

/** The commands of a line: what stands before a pipe, a redirection or a remark. */
function commandsOf(line: string): string[][] {
  const bare = line.replace(/\s{2,}\S.*$/, '').replace(/\s#.*$/, '')
  return bare
    .split(/&&|\||>/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('lockstep '))
    .map((part) => [...part.matchAll(/"([^"]*)"|(\S+)/g)].map((each) => each[1] ?? each[2] ?? '').slice(1))
}
