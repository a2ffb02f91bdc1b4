// Words: how texts, amounts and elements are made. What came from outside becomes text, never HTML.

const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]/gu;

const hex = (code) => (code < 256 ? '\\x' + code.toString(16).padStart(2, '0') : '\\u' + code.toString(16).padStart(4, '0'));

// Shows what could hide or turn a text: controls but newline and tab, marks of direction.
const plain = (text) => String(text).replace(UNSAFE, (mark) => hex(mark.codePointAt(0)));

const byId = (id) => document.getElementById(id);

function fill(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    node.append(child instanceof Node ? child : plain(child));
  }
  return node;
}

function dress(node, props) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : plain(value));
  }
  return node;
}

const h = (name, props, ...children) => fill(dress(document.createElement(name), props), children);

const svg = (name, props, ...children) =>
  fill(dress(document.createElementNS('http://www.w3.org/2000/svg', name), props), children);

const show = (node, ...children) => {
  node.replaceChildren();
  return fill(node, children);
};

const WORDS = { passed: 'passed', missed: 'missed', failed: 'failed', skipped: 'skipped' };
const SIGNS = { passed: '✓', missed: '✗', failed: '!', skipped: '–' };
const GRAVITY = { failed: 0, missed: 1, skipped: 2, passed: 3 };

const sign = (state) => h('span', { class: `sign ${state}`, role: 'img', 'aria-label': WORDS[state] }, SIGNS[state] || '·');

const whole = (value) => Math.round(value).toLocaleString('en');

const counted = (count, word) => `${whole(count)} ${word}${count === 1 ? '' : 's'}`;

function short(value) {
  if (value === null || value === undefined) return '–';
  if (value < 10000) return whole(value);
  if (value < 1e6) return `${(value / 1e3).toFixed(value < 1e5 ? 1 : 0)}k`;
  return `${(value / 1e6).toFixed(value < 1e7 ? 2 : 1)}M`;
}

function seconds(value) {
  if (value === null || value === undefined) return '–';
  if (value === 0) return '0 s';
  if (value < 0.001) return '<1 ms';
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 10) return `${value.toFixed(2)} s`;
  if (value < 100) return `${value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(value % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function money(value) {
  if (value === null || value === undefined) return '–';
  if (value <= 0) return '$0';
  if (value >= 1) return '$' + value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  if (value >= 0.01) return `$${value.toFixed(4)}`;
  return '$' + value.toFixed(Math.min(20, 1 - Math.floor(Math.log10(value))));
}

function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB'];
  let place = 0;
  for (; count >= 1000 && place < 3; place++) count /= 1000;
  return place ? `${count.toFixed(1)} ${units[place]}` : `${count} B`;
}

function moment(time) {
  if (!time) return '';
  const date = new Date(time * 1000);
  const two = (value) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function at(sorted, share) {
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1 + (share === 0))] : null;
}

const ascending = (values) => Float64Array.from(values).sort();
