// Main: which view is shown, and what keys do.

let view = '';

const VIEWS = [['cases', unit === 'run' ? 'Runs' : 'Cases'], ['overview', 'Overview'], ...(hasMedia ? [['sheet', 'Pictures & sounds']] : [])];

const isNarrow = matchMedia('(max-width: 899px)');

function go(name) {
  if (name === 'cases' && !isNarrow.matches) return byId('list').focus();
  if (location.hash === `#${name}`) render();
  else location.hash = name;
}

const openRun = (run) => { if (run) location.hash = address(run); };

function back() {
  go(isNarrow.matches ? 'cases' : 'overview');
  byId('list').focus();
}

function render() {
  const [, name, value] = /^#?([^=]*)=?(.*)$/s.exec(location.hash);
  const run = name === 'case' ? runs[places.get(safely(value))] : name === 'nth' ? runs[Number(value)] : null;
  opened = run || null;
  view = run ? 'case' : VIEWS.some(([known]) => known === name) ? name : 'overview';
  document.body.dataset.view = view;
  if (run) renderCase(run);
  else if (view === 'sheet') renderSheet();
  else renderOverview();
  for (const tab of byId('views').children) tab.setAttribute('aria-current', tab.dataset.view === view ? 'page' : 'false');
  const place = run ? chosen.indexOf(run) : list.at;
  if (run && place >= 0) { list.at = place; list.sight.reveal(place); }
  list.mark();
}

function safely(text) {
  try { return decodeURIComponent(text || ''); } catch { return ''; }
}

const theme = {
  now: () => document.documentElement.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
  keep(name) { try { localStorage.setItem('runner-theme', name); } catch { /* a browser may forbid it */ } },
  kept() { try { return localStorage.getItem('runner-theme'); } catch { return null; } },
  set(name) {
    if (name) document.documentElement.dataset.theme = name;
    byId('theme').textContent = theme.now() === 'dark' ? '☀' : '☾';
  },
  turn() { const name = theme.now() === 'dark' ? 'light' : 'dark'; theme.set(name); theme.keep(name); },
};

const KEYS = [['j  ↓', `next ${unit}`], ['k  ↑', `${unit} before`], ['Enter', 'open it'], ['Esc', 'back, and clear the search'], ['/', 'search'],
  ['o', 'overview'], ['g', 'pictures and sounds'], ['f', 'those that did not pass'], ['t', 'dark or light'], ['?', 'these keys']];

function showKeys() {
  show(byId('keys'), h('h3', {}, 'Keys'), h('dl', {}, KEYS.map(([key, does]) => h('div', {}, h('dt', {}, key.split('  ').map((one) => h('kbd', {}, one))), h('dd', {}, does)))),
    h('form', { method: 'dialog' }, h('button', { type: 'submit' }, 'Close')));
  byId('keys').showModal();
}

function stepBy(count) {
  list.move(list.at < 0 ? (count > 0 ? 0 : chosen.length - 1) : list.at + count);
  if (view === 'case') openRun(chosen[list.at]);
}

function escape(event) {
  const search = byId('search');
  const menu = document.querySelector('details.facet[open]');
  if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
  else if (event.target === search && search.value) { search.value = ''; wanted.text = ''; refresh(); }
  else if (view === 'case' || view === 'sheet') back();
  else byId('list').focus();
}

const MOVES = {
  j: () => stepBy(1), ArrowDown: () => stepBy(1), k: () => stepBy(-1), ArrowUp: () => stepBy(-1),
  PageDown: () => list.move(list.at + 8), PageUp: () => list.move(list.at - 8), Home: () => list.move(0), End: () => list.move(chosen.length - 1),
  Enter: () => { openRun(chosen[list.at]); byId('pane').focus(); },
};

const DEEDS = {
  '/': () => { byId('search').focus(); byId('search').select(); }, o: () => go('overview'), g: () => hasMedia && go('sheet'),
  f: () => { only({ states: wanted.states.size ? [] : ['failed', 'missed'] }); go('cases'); }, t: () => theme.turn(), '?': showKeys,
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId('keys').open) return;
  if (event.key === 'Escape') return escape(event);
  const target = event.target;
  if (target.matches('input, select, textarea, audio, video')) {
    if (target.id === 'search' && (event.key === 'ArrowDown' || event.key === 'Enter')) { event.preventDefault(); byId('list').focus(); if (list.at < 0) list.move(0); }
    return;
  }
  const inList = target.id === 'list' || target === document.body;
  const letter = event.key.length === 1;
  const deed = DEEDS[event.key] || ((inList || (letter && !target.matches('summary, button'))) && MOVES[event.key]);
  if (deed) { event.preventDefault(); deed(); }
}

function start() {
  byId('title').textContent = plain(meta.title);
  const cases = counted(meta.totals.passed + meta.totals.missed + meta.totals.failed, 'case');
  const much = unit === 'run' ? `${cases} in ${counted(runs.length + meta.unlisted, 'run')}` : cases;
  byId('made').textContent = [meta.made ? moment(meta.made) : '', much].filter(Boolean).join(' · ');
  show(byId('views'), VIEWS.map(([name, label]) => h('a', { href: `#${name}`, 'data-view': name }, label)));
  theme.set(theme.kept());
  byId('theme').addEventListener('click', theme.turn);
  byId('help').addEventListener('click', showKeys);
  makeFilters();
  list.start();
  figures();
  refresh();
  render();
  addEventListener('hashchange', render);
  addEventListener('keydown', onKey);
  // The cases stand below this script: what was opened by the address is shown once they are here.
  document.addEventListener('DOMContentLoaded', () => { if (view !== 'overview') render(); });
  document.documentElement.dataset.ready = 'true';
}

start();
