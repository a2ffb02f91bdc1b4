// Case: a run opened.

let opened = null;

const fact = (name, value, title) => value !== null && value !== undefined && value !== '–' && h('div', { title }, h('dt', {}, name), h('dd', {}, value));

function siblings(run) {
  if (!run.repeat) return null;
  const [name, , passes] = run.repeat;
  const same = runs.filter((other) => other.repeat && other.repeat[0] === name && other.recipe === run.recipe);
  return h('p', { class: 'repeats' }, h('span', { class: 'quiet' }, `runs of this case${passes ? `, of which ${passes} must pass` : ''}: `),
    same.map((other) => h('a', { href: address(other), class: `repeat ${other.state}`, 'aria-current': other === run ? 'true' : null }, `${SIGNS[other.state]} ${other.repeat[1]}`)));
}

const address = (run) => (places.get(run.name) === run.index ? `#case=${encodeURIComponent(run.name)}` : `#nth=${run.index}`);

function heading(run) {
  const [shared, own] = named(run);
  const there = chosen.indexOf(run);
  const go = (step, label, glyph) => h('button', { type: 'button', title: label, 'aria-label': label, disabled: !chosen[there + step], onclick: () => openRun(chosen[there + step]) }, glyph);
  return h('header', { class: 'casehead' },
    h('div', { class: 'crumbs' }, h('button', { type: 'button', class: 'back', onclick: back }, '← back'), h('span', { class: 'quiet' }, run.recipe),
      h('span', { class: 'steppers' }, go(-1, 'Previous case (k)', '↑'), go(1, 'Next case (j)', '↓'))),
    h('h2', {}, sign(run.state), h('span', {}, shared, own && h('span', { class: 'own' }, own))),
    h('p', { class: 'chips' }, Object.entries(run.cell || {}).map(([name, value]) => h('span', { class: 'tag' }, `${name}: ${value}`)),
      run.rowId && h('span', { class: 'tag' }, `row ${run.rowId}`), run.tags.map((tag) => h('span', { class: 'tag' }, tag))),
    siblings(run),
    h('dl', { class: 'facts' }, fact('model', run.models.join(', ') || null), fact('latency', seconds(run.latency)), fact('first text', seconds(run.ttft)),
      fact('tokens', run.tokens === null ? null : `${whole(run.input)} + ${whole(run.output)}`, 'input + output'), fact('cost', money(run.cost)),
      fact('requests', whole(run.requests))));
}

const changesByRun = new Map();

for (const change of meta.baseline?.changes || []) {
  const run = runOf(change);
  if (run) changesByRun.set(run, [...(changesByRun.get(run) || []), change]);
}

const between = (change) => (change.was === undefined ? h('span', {}, change.between) : beside(["''", "''"], ['was', 'now'], [change.was, change.now]));

function changesOf(run) {
  const mine = changesByRun.get(run);
  return mine ? h('div', { class: 'note changes' }, h('b', {}, 'Since the baseline'), mine.map((change) => h('div', {}, h('span', { class: 'tag' }, change.kind), between(change)))) : null;
}

function renderCase(run) {
  const told = read(`case-${run.index}`);
  const pane = byId('pane');
  const body = told ? [told.steps.map((step) => stepOf(step, told.steps.length === 1)),
    told.more && h('p', { class: 'quiet' }, `${counted(told.more, 'more step')} left out.`),
    told.brief && h('p', { class: 'quiet' }, 'Long texts of this case are cut: the report keeps its size. The outputs hold them whole.'),
    told.began > 0 && h('p', { class: 'quiet' }, `began ${moment(told.began)} · took ${seconds(run.took)}`)]
    : h('p', { class: 'quiet' }, !run.told ? 'The report had no more room for this case: run it by itself to see it whole.' : isWhole() ? 'This case is missing.' : 'loading …');
  show(pane, h('article', { class: 'case' }, heading(run), changesOf(run), body));
  pane.scrollTop = 0;
}
