/** Engines that are wrong about files in a known way. */
export const FILE_MUTANTS = [
  {
    name: 'sends-files-again',
    file: 'src/engine/files.ts',
    find: 'if (known?.made != null) return known.made',
    replace: '',
  },
  {
    name: 'writes-without-its-file',
    file: 'src/core/files.ts',
    find: `for (const file of shelf.now[from]) if (!twins.has(file)) held.push({ copyOf: file })`,
    replace: '',
  },
  {
    name: 'same-name-is-same-file',
    file: 'src/core/files.ts',
    find: '(isNew(base[to], each) && isLike(file, each))',
    replace: 'file.name === each.name',
  },
  {
    name: 'blobs-stay',
    file: 'src/store/verbs/files.ts',
    find: `  return [...digests].filter((digest) => !isNamed(sql, digest))`,
    replace: '  return digests.size > 0 ? [] : []',
  },
] as const
