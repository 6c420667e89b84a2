/** Reading a configuration, and what comes of it. */
export { BACKEND } from './aliases.ts'
export type { Address, Config, Connection, SealingKey } from './config.ts'
export { templateOf } from './accounts.ts'
export type { CompiledFlow } from './compiled-flow.ts'
export { compareFingerprint, compileFlows, flowAt, flowFingerprint } from './flows.ts'
export { loadConfig, type Loaded, type LoadOptions } from './load.ts'
export { formatProblem, type Problem, type ProblemCode } from './problem.ts'
