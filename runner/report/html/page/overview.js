// Overview: the figures of all runs: what went wrong, the grids, the recipes, how figures spread.

function figures() {
  const { passed, missed, failed, requests, attempts, input_tokens: input, output_tokens: output, measured, cost, unpriced } = meta.totals;
  const latencies = ascending(runs.map((run) => run.latency).filter((value) => value !== null));
  const verdict = failed ? 'failed' : missed ? 'missed' : passed ? 'passed' : 'skipped';
  const spent = unpriced ? (cost ? `≥ ${money(cost)}` : 'unknown') : money(cost);
  const one = (name, value, below, title) => h('div', { class: 'figure', title }, h('dt', {}, name), h('dd', {}, value, below && h('small', {}, below)));
  const states = ['passed', 'missed', 'failed'].map((state) => [state, { passed, missed, failed }[state]]).filter(([state, count]) => count || state === 'passed');
  show(byId('figures'),
    h('div', { class: `verdict ${verdict}` },
      h('p', {}, states.map(([state, count]) => h('button', { type: 'button', class: state, 'aria-label': `List the ${count} ${state}`, onclick: () => { only({ states: [state] }); go('cases'); } }, h('b', {}, whole(count)), ` ${state}`)),
        unit === 'run' && h('span', { class: 'quiet' }, ` of ${counted(passed + missed + failed, 'case')}`)),
      runs.length > 0 && bar(runs, `all ${unit}s`)),
    h('dl', { class: 'row-of-figures' },
      one('requests', short(requests), attempts > requests ? `${short(attempts)} attempts` : null),
      one('tokens', measured ? short(input + output) : requests ? 'unknown' : '0', measured ? `${short(input)} in · ${short(output)} out` : null),
      one('cost', spent, unpriced ? `${counted(unpriced, 'request')} without a price` : null),
      one('latency p50', seconds(at(latencies, 0.5)), latencies.length > 1 ? `p95 ${seconds(at(latencies, 0.95))}` : null, `of a ${unit}: the seconds of its replies together`),
      meta.took > 0 && one('time', seconds(meta.took), runs.length > 1 ? `of all ${unit}s together` : null)));
}

// Runs that did not pass, by what they say once numbers and quoted values are left out.
function causes() {
  const bad = runs.filter((run) => run.state !== 'passed' && !run.tolerated);
  if (!bad.length) return null;
  const groups = [...grouped(bad, cause)]
    .map(([, items]) => items).sort((a, b) => GRAVITY[a[0].state] - GRAVITY[b[0].state] || b.length - a.length);
  return h('section', { class: 'card' }, h('div', { class: 'panehead' }, h('h3', {}, 'What went wrong'), h('span', { class: 'quiet' }, counted(bad.length, unit))),
    h('ul', { class: 'causes' }, groups.slice(0, 12).map((items) => h('li', {},
      h('a', { href: address(items[0]), onclick: () => items.length > 1 && only({ cause: cause(items[0]) }) }, sign(items[0].state), h('span', { class: 'text' }, items[0].problem || 'did not pass'),
        h('span', { class: 'quiet' }, items.length > 1 ? `${whole(items.length)} ×` : named(items[0])[1] || nameless(items[0].recipe)))))),
    groups.length > 12 && h('p', { class: 'quiet' }, `and ${counted(groups.length - 12, 'other cause')}`));
}

function changes() {
  if (!meta.baseline) return null;
  const { since, headline, changes: all } = meta.baseline;
  const groups = grouped(all, (change) => change.kind);
  const row = (change) => {
    const run = runOf(change);
    return h('li', {}, run ? h('a', { href: address(run) }, change.case) : h('b', {}, change.case), between(change));
  };
  return h('section', { class: 'card' }, h('div', { class: 'panehead' }, h('h3', {}, 'Since the baseline'), h('span', { class: 'quiet' }, since)),
    h('p', { class: 'quiet' }, headline),
    [...groups].map(([kind, items]) => h('details', { class: 'change', open: items[0].bad || (all.length < 13 && items[0].was === undefined) },
      h('summary', {}, kind, h('span', { class: 'quiet' }, ` ${whole(items.length)}`)),
      h('ul', {}, items.slice(0, 200).map(row), items.length > 200 && h('li', { class: 'quiet' }, `and ${whole(items.length - 200)} more`)))));
}

function recipeTable() {
  const groups = [...grouped(runs, (run) => run.recipe)];
  if (groups.length < 2) return null;
  const sum = (items, name) => items.reduce((total, run) => (run[name] === null ? total : (total ?? 0) + run[name]), null);
  const middle = (items) => at(ascending(items.map((run) => run.latency).filter((value) => value !== null)), 0.5);
  return h('section', { class: 'card' }, h('div', { class: 'panehead' }, h('h3', {}, 'Recipes'), h('span', { class: 'quiet' }, whole(groups.length))),
    h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': 'Recipes' }, h('table', { class: 'recipes' },
      h('thead', {}, h('tr', {}, ['recipe', `${unit}s`, '', 'median', 'tokens', 'cost'].map((name) => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, groups.slice(0, 400).map(([recipe, items]) => h('tr', {},
        h('th', { scope: 'row' }, h('button', { type: 'button', title: recipe, onclick: () => { only({ recipes: [recipe] }); go('cases'); } }, nameless(recipe))),
        h('td', {}, whole(items.length)), h('td', {}, bar(items, nameless(recipe))), h('td', {}, seconds(middle(items))), h('td', {}, short(sum(items, 'tokens'))), h('td', {}, money(sum(items, 'cost')))))))));
}

function plots() {
  const measured = runs.filter((run) => run.latency !== null);
  if (measured.length < 2) return null;
  const byModel = [...grouped(measured, (run) => run.models.join(', ') || 'no model named')].sort((a, b) => b[1].length - a[1].length);
  const rows = byModel.slice(0, 8);
  if (byModel.length > 8) rows.push([`${byModel.length - 8} others`, byModel.slice(8).flatMap(([, items]) => items)]);
  const of = (name) => rows.map(([model, items]) => [model, items.map((run) => run[name]).filter((value) => value !== null)]);
  const drawn = [spread('Latency', of('latency'), seconds), spread('First text', of('ttft'), seconds), spread(`Cost of a ${unit}`, of('cost'), money), spread(`Tokens of a ${unit}`, of('tokens'), short)];
  return h('section', { class: 'card' }, h('div', { class: 'panehead' }, h('h3', {}, 'By model'), h('span', { class: 'quiet' }, `dots: ${unit}s · box: the middle half · line: the median`)),
    h('div', { class: 'plots' }, drawn));
}

function renderOverview() {
  const parts = [changes(), causes(), grids(), plots(), recipeTable()];
  const bare = !parts.flat(Infinity).some(Boolean);
  show(byId('pane'), h('div', { class: 'overview' }, meta.unlisted > 0 && h('p', { class: 'note' }, `${counted(meta.unlisted, `more ${unit}`)} counted in the figures above but not listed: the report keeps its size.`),
    bare ? h('p', { class: 'none' }, `Choose a ${unit} to see what was sent and what came back.`) : parts));
  byId('pane').scrollTop = 0;
}
