/**
 * Reads what the import check needs from a TypeScript or JavaScript file without a compiler:
 * `imports`, each with its specifier and line, and `code`, the text with comments and strings taken out.
 */
export function readModule(text) {
  const { code, strings } = withoutStrings(text)
  const imports = []
  for (const pattern of IMPORTS) {
    for (const match of code.matchAll(pattern)) {
      imports.push({ specifier: strings[Number(match[1])], line: lineAt(code, match.index + match[0].length) })
    }
  }
  for (const match of code.matchAll(FILE_BESIDE)) {
    const specifier = strings[Number(match[1])]
    if (MODULE.test(specifier)) imports.push({ specifier, line: lineAt(code, match.index) })
  }
  return { imports, code }
}

/** The line of an offset, counted from 1. */
export function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length
}

// Strings stand as "0", "1", ... here, so no text inside of one can look like an import.
const IMPORTS = [
  /(?<![.\w$])(?:import|export)\b[^"`;()=]*?\bfrom\s*"(\d+)"/g,
  /(?<![.\w$])import\s*"(\d+)"/g,
  /(?<![.\w$])import\s*\(\s*"(\d+)"/g,
  /(?<![.\w$])require\s*\(\s*"(\d+)"/g,
  /\bimport\.meta\.resolve\s*\(\s*"(\d+)"/g,
]

/** Names a worker's module, or any other file. */
const FILE_BESIDE = /\bnew\s+URL\s*\(\s*"(\d+)"\s*,\s*import\.meta\.url/g
const MODULE = /\.[cm]?[jt]sx?$/

/** After these a slash divides; after anything else it begins a regular expression. */
const ENDS_VALUE = /[\w$)\]}"]$/
const KEYWORD_BEFORE_REGEXP = /\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else)$/

function withoutStrings(text) {
  const strings = []
  let code = ''
  let at = 0
  const keep = (literal) => {
    code += `"${strings.length}"${newlines(literal)}`
    strings.push(literal.slice(1, -1))
  }
  // Each entry is the depth of braces at which a template's `${` was opened.
  const templates = []
  let depth = 0
  while (at < text.length) {
    const rest = text.slice(at, at + 2)
    if (rest === '//' || rest === '/*') {
      const end = rest === '//' ? text.indexOf('\n', at) : text.indexOf('*/', at) + 2
      const comment = text.slice(at, end < at + 2 ? text.length : end)
      code += ` ${newlines(comment)}`
      at += comment.length
    } else if (text[at] === "'" || text[at] === '"') {
      const end = stringEnd(text, at)
      keep(text.slice(at, end))
      at = end
    } else if (text[at] === '`' || (text[at] === '}' && templates.at(-1) === depth)) {
      if (text[at] === '}') templates.pop()
      const end = templateEnd(text, at + 1)
      if (text[end - 1] === '`') keep(text.slice(at, end))
      else {
        keep(text.slice(at, end - 1))
        code += '+'
        templates.push(depth)
      }
      at = end
    } else if (text[at] === '/' && beginsRegExp(code)) {
      const end = regExpEnd(text, at)
      keep(text.slice(at, end))
      at = end
    } else {
      if (text[at] === '{') depth++
      if (text[at] === '}') depth--
      code += text[at++]
    }
  }
  return { code, strings }
}

function newlines(text) {
  return text.replace(/[^\n]/g, '')
}

function stringEnd(text, start) {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[start] || text[at] === '\n') return at + 1
  }
  return text.length
}

/** Just after the closing backtick, or just after the brace of the next `${`. */
function templateEnd(text, start) {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`') return at + 1
    else if (text[at] === '$' && text[at + 1] === '{') return at + 2
  }
  return text.length
}

function beginsRegExp(code) {
  const before = code.slice(-40).trimEnd()
  return !ENDS_VALUE.test(before) || KEYWORD_BEFORE_REGEXP.test(before)
}

function regExpEnd(text, start) {
  let inClass = false
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return start + 1
}
