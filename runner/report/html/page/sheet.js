// Sheet: the pictures and sounds of the chosen cases, tile by tile, of which only those in sight exist.

let sheet = null;

const hasMedia = runs.some((run) => run.media.length);

function tile([run, [kind, number, href, name]]) {
  return h('figure', { class: `tile ${kind}` },
    h('div', { class: 'inner' },
      h('div', { class: 'still' }, shownMedia(kind, number, kind === 'image' && number !== null ? null : href, name)),
      h('figcaption', {}, h('a', { href: address(run), title: run.name }, sign(run.state), h('span', {}, named(run)[1] || nameless(run.name))), h('span', { class: 'quiet', title: name }, name.split('/').pop()))));
}

function renderSheet() {
  const items = chosen.flatMap((run) => run.media.map((one) => [run, one]));
  const pane = byId('pane');
  if (!sheet || !pane.contains(sheet.scroller)) {
    const scroller = h('div', { class: 'sheet' });
    show(pane, scroller);
    sheet = new Sight(scroller, 236, tile);
    new ResizeObserver(() => { const columns = perRow(); if (columns !== sheet.columns) sheet.show(sheet.items, columns); }).observe(scroller);
  }
  sheet.show(items, perRow());
  if (!items.length) show(sheet.canvas, h('p', { class: 'none' }, 'None of the chosen cases has a picture or a sound.'));
}

const perRow = () => Math.max(1, Math.floor(sheet.scroller.clientWidth / (isNarrow.matches ? 165 : 210)));
