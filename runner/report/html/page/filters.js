// Filters: what of the runs is listed, by state, recipe, model, tag and words.

const FACETS = { recipes: ['Recipe', (run) => [run.recipe]], models: ['Model', (run) => run.models], tags: ['Tag', (run) => run.tags] };

const toggled = (set, value) => { if (!set.delete(value)) set.add(value); };

function tally(facet, values) {
  const counts = new Map();
  for (const run of runs) if (matches(run, facet)) for (const value of values(run)) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}

function stateChips() {
  const counts = tally('states', (run) => [run.state]);
  return h('div', { class: 'states', role: 'group', 'aria-label': 'State' }, ['failed', 'missed', 'passed'].map((state) => {
    const count = counts.get(state) || 0;
    const pressed = wanted.states.has(state);
    return h('button', { type: 'button', class: `chip ${state}`, 'data-state': state, 'aria-pressed': String(pressed), disabled: !count && !pressed, onclick: () => { toggled(wanted.states, state); refresh(); } },
      h('span', { 'aria-hidden': 'true' }, `${SIGNS[state]} `), `${whole(count)} ${state}`);
  }));
}

function options(facet) {
  const [, values] = FACETS[facet];
  const counts = tally(facet, values);
  return [...new Set(runs.flatMap(values))].sort().map((value) => h('label', {},
    h('input', { type: 'checkbox', value, checked: wanted[facet].has(value), onchange: () => { toggled(wanted[facet], value); refresh(false); } }),
    h('span', {}, facet === 'recipes' ? [nameless(value), h('small', {}, value)] : value), h('span', { class: 'quiet' }, whole(counts.get(value) || 0))));
}

function facetMenu(facet) {
  const [label, values] = FACETS[facet];
  const all = new Set(runs.flatMap(values));
  if (all.size < 2) return null;
  const box = h('div', { class: 'menu' });
  return h('details', { class: 'facet', 'data-facet': facet, ontoggle: (event) => {
    if (!event.target.open) return;
    for (const other of document.querySelectorAll('details.facet[open]')) if (other !== event.target) other.open = false;
    show(box, options(facet));
  } }, h('summary', { class: 'chip' }, label, h('b', { class: 'many' })), box);
}

function makeFilters() {
  const search = h('input', { id: 'search', type: 'search', placeholder: 'Search names, models, tags, answers   /', 'aria-label': 'Search', autocomplete: 'off', spellcheck: 'false' });
  let timer = 0;
  search.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => { wanted.text = search.value; refresh(); }, runs.length > 2000 ? 120 : 20); });
  const sort = h('select', { 'aria-label': 'Order', onchange: (event) => { wanted.sort = event.target.value; refresh(); } },
    Object.entries(ORDERS).map(([name, [label]]) => h('option', { value: name }, label)));
  show(byId('filters'), search, h('div', { id: 'states' }), h('div', { class: 'facets' }, Object.keys(FACETS).map(facetMenu), sort), h('div', { id: 'active' }));
  document.addEventListener('click', (event) => {
    for (const open of document.querySelectorAll('details.facet[open]')) if (!open.contains(event.target)) open.open = false;
  });
}

function activeChips() {
  const chips = Object.keys(FACETS).flatMap((facet) => [...wanted[facet]].map((value) => h('button', { type: 'button', class: 'chip on', 'aria-label': `Without the filter ${value}`,
    onclick: () => { wanted[facet].delete(value); refresh(); } }, facet === 'recipes' ? nameless(value) : value, h('span', { 'aria-hidden': 'true' }, ' ×'))));
  if (wanted.cause) chips.push(h('button', { type: 'button', class: 'chip on', onclick: () => { wanted.cause = ''; refresh(); } }, 'one cause ×'));
  return chips.length || wanted.text || wanted.states.size ? [...chips, h('button', { type: 'button', class: 'chip clear', onclick: clearFilters }, 'clear')] : [];
}

function clearFilters() {
  for (const name of ['states', 'recipes', 'models', 'tags']) wanted[name].clear();
  wanted.cause = wanted.text = '';
  byId('search').value = '';
  refresh();
}

// Lists anew; open menus stay as they are while boxes are ticked in them.
function refresh(menus = true) {
  choose();
  show(byId('states'), stateChips());
  show(byId('active'), activeChips());
  for (const menu of document.querySelectorAll('details.facet')) {
    show(menu.querySelector('.many'), wanted[menu.dataset.facet].size || '');
    if (menus && menu.open) show(menu.querySelector('.menu'), options(menu.dataset.facet));
  }
  byId('count').textContent = chosen.length === runs.length ? counted(runs.length, unit) : `${whole(chosen.length)} of ${counted(runs.length, unit)}`;
  list.renew();
  if (view === 'sheet') renderSheet();
}

function only(filters) {
  for (const name of ['states', 'recipes', 'models', 'tags']) wanted[name] = new Set(filters[name] || []);
  wanted.cause = filters.cause || '';
  wanted.text = '';
  byId('search').value = '';
  refresh();
}
