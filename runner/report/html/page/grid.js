// Grid: the runs of a recipe with a matrix, laid out by its axes.

const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

function cell(items) {
  if (!items) return h('td', { class: 'cell none' }, '·');
  const state = judged(items);
  const passed = items.filter((run) => run.state === 'passed').length;
  const first = items.find((run) => run.state !== 'passed') || items[0];
  const values = Object.entries(first.cell).map(([name, value]) => `${name}: ${value}`).join('\n');
  const tip = `${values}\n${WORDS[state]} · ${seconds(mean(items.map((run) => run.latency ?? 0)))} · ${money(mean(items.map((run) => run.cost ?? 0)))}${first.problem ? '\n' + first.problem : ''}`;
  return h('td', { class: `cell ${state}` }, h('a', { href: address(first), title: tip, 'aria-label': `${tip.replaceAll('\n', ', ')}` },
    h('b', { 'aria-hidden': 'true' }, SIGNS[state]), items.length > 1 ? h('span', {}, `${passed}/${items.length}`) : h('span', {}, seconds(first.latency))));
}

// What is wider than its card is drawn closer, and a shade at the edge says that it goes on.
function watched(scroller) {
  const look = () => {
    const { scrollWidth, clientWidth, scrollLeft } = scroller;
    if (scrollWidth > clientWidth) scroller.classList.add('close');
    scroller.parentElement?.classList.toggle('more', scroller.scrollWidth - clientWidth - scrollLeft > 1);
  };
  new ResizeObserver(look).observe(scroller);
  scroller.addEventListener('scroll', look, { passive: true });
  return scroller;
}

function gridOf(recipe, items) {
  const axes = [...new Set(items.flatMap((run) => Object.keys(run.cell)))];
  const sizes = new Map(axes.map((axis) => [axis, size(items, axis)]));
  const few = axes.filter((axis) => sizes.get(axis) <= 12);
  const across = few.length ? few.reduce((best, axis) => (sizes.get(axis) >= sizes.get(best) ? axis : best))
    : axes.reduce((best, axis) => (sizes.get(axis) < sizes.get(best) ? axis : best));
  const down = axes.filter((axis) => axis !== across);
  const columns = [...new Set(items.map((run) => String(run.cell[across] ?? '–')))].slice(0, 40);
  const rows = grouped(items, (run) => JSON.stringify(down.map((axis) => run.cell[axis] ?? '–')));
  const lines = [...rows].slice(0, 100).map(([key, group]) => {
    const cells = grouped(group, (run) => String(run.cell[across] ?? '–'));
    const labels = JSON.parse(key);
    return h('tr', {}, down.length ? labels.map((label) => h('th', { scope: 'row' }, String(label))) : h('th', { scope: 'row' }, ''), columns.map((column) => cell(cells.get(column))));
  });
  return h('section', { class: 'card grid' },
    h('div', { class: 'panehead' }, h('h3', {}, nameless(recipe)), h('span', { class: 'quiet' }, counted(items.length, unit))),
    watched(h('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': `Matrix of ${nameless(recipe)}` }, h('table', {},
      h('thead', {}, h('tr', {}, (down.length ? down : ['']).map((axis) => h('th', { scope: 'col', class: 'axis' }, axis)),
        columns.map((column, place) => h('th', { scope: 'col' }, place === 0 && h('small', {}, across), column)))),
      h('tbody', {}, lines)))),
    (rows.size > lines.length || sizes.get(across) > columns.length) && h('p', { class: 'quiet' }, 'The first of them; the list has them all.'));
}

const size = (items, axis) => new Set(items.map((run) => String(run.cell[axis]))).size;

function grids() {
  const inOrder = runs.filter((run) => run.cell).sort(ORDERS.order[1]);
  return [...grouped(inOrder, (run) => run.recipe)].map(([recipe, items]) => gridOf(recipe, items));
}
