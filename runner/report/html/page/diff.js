// Diff: what was expected beside what was found, the words that differ marked.

const MOST = 600;

const UNESCAPED = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

// The text that a quoted value of a message stands for.
function unquoted(text) {
  const found = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/s.exec(text.trim());
  return found && (found[1] ?? found[2]).replace(/\\([ntr\\'"])/g, (_, letter) => UNESCAPED[letter]);
}

// A message of the form "expected X, got Y" in its parts.
function parted(message) {
  const found = /^expected (.*?),? (?:but )?(?:got|found) (.*)$/s.exec(message);
  return found && !message.includes('\n  | ') ? [found[1], found[2]] : null;
}

const quoted = (text) => {
  const found = /(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/s.exec(text);
  return found ? unquoted(found[0]) : null;
};

// Marks of two lists of words those that only one has, by their longest common run of words.
function differing(wanted, found) {
  const [n, m] = [wanted.length, found.length];
  const best = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      best[i][j] = wanted[i] === found[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    }
  }
  const [gone, come] = [[], []];
  let [i, j] = [0, 0];
  while (i < n || j < m) {
    if (i < n && j < m && wanted[i] === found[j]) { gone.push([wanted[i++], false]); come.push([found[j++], false]); }
    else if (j >= m || (i < n && best[i + 1][j] >= best[i][j + 1])) gone.push([wanted[i++], true]);
    else come.push([found[j++], true]);
  }
  return [gone, come];
}

const marked = (words, kind) => words.map(([word, differs]) => (differs && word.trim() ? h(kind, {}, word) : word));

function compared(message) {
  const parts = parted(message);
  return parts && beside(parts, ['expected', 'found'], parts.map(quoted));
}

// Two values one above the other; where both hold a text, their words are held against each other.
function beside(parts, names, [left, right]) {
  const words = (text) => text.split(/(\s+|[^\p{L}\p{N}_]+)/u).filter(Boolean);
  let shown = parts;
  if (left !== null && right !== null && left && right) {
    const lists = [words(left), words(right)];
    const [gone, come] = Math.max(...lists.map((list) => list.length)) <= MOST
      ? differing(...lists) : lists.map((list) => list.map((word) => [word, false]));
    const rest = (text) => text.replace(/(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/s, '\0').split('\0');
    const around = (text, body) => { const [before, after] = rest(text); return [h('span', { class: 'quiet' }, before), body, after && h('span', { class: 'quiet' }, after)]; };
    const same = gone.some(([, differs]) => !differs);
    shown = [around(parts[0], h('q', {}, same ? marked(gone, 'del') : left)), around(parts[1], h('q', {}, same ? marked(come, 'ins') : right))];
  }
  return h('dl', { class: 'compared' },
    h('dt', {}, names[0]), h('dd', {}, shown[0]),
    h('dt', {}, names[1]), h('dd', {}, shown[1]));
}

// A message with a diff by lines: each line coloured by what it does.
function byLines(message) {
  const lines = message.split('\n').map((line) => line.replace(/^ {2}\| ?/, ''));
  const kind = (line) => (/^(\+\+\+|---|@@)/.test(line) ? 'place' : line[0] === '+' ? 'come' : line[0] === '-' ? 'gone' : '');
  return h('pre', { class: 'lines' }, lines.map((line) => h('span', { class: `line ${kind(line)}` }, line + '\n')));
}

function explained(message) {
  if (!message) return null;
  if (/\n {2}\| /.test(message)) return byLines(message);
  return compared(message) || h('p', { class: 'message' }, message);
}
