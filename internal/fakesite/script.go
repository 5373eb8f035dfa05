package fakesite

// scripts are what the pages of the systems run in a browser; a crawler needs none of them.
var scripts = map[string]string{
	"/images/page.js": `function createPageHTML(count, current, name, ext) {
  var html = '共' + count + '页';
  for (var i = 0; i < count; i++) {
    html += i == current ? ' <b>' + (i + 1) + '</b>' : ' <a href="' + name + (i ? '_' + i : '') + '.' + ext + '">' + (i + 1) + '</a>';
  }
  document.write('<div class="pager">' + html + '</div>');
}
`,
	"/script/jpage.js": `function records(text) {
  var rows = [], re = /<record><!\[CDATA\[([\s\S]*?)\]\]><\/record>/g, m;
  while ((m = re.exec(text))) rows.push(m[1]);
  return rows.join('');
}
function initPage(unit, conf) {
  var island = document.getElementById(unit).getElementsByTagName('script')[0].textContent;
  var box = document.querySelector('.default_pgContainer'), at = conf.perpage;
  box.innerHTML = '<ul>' + records(island) + '</ul>';
  document.querySelector('.default_pgNext').onclick = function () {
    if (at >= conf.total) return false;
    var next = /dataproxy[^"]*columnid=(\d+)/.exec(island), column = next ? next[1] : unit - 6000;
    fetch('/module/web/jpage/dataproxy.jsp?startrecord=' + (at + 1) + '&endrecord=' + (at + conf.perpage) + '&perpage=' + conf.perpage +
      '&col=1&webid=1&columnid=' + column + '&unitid=' + unit).then(function (r) { return r.text(); }).then(function (t) {
      box.innerHTML = '<ul>' + records(t) + '</ul>';
      at += conf.perpage;
    });
    return false;
  };
}
`,
	"/script/news.js": `function renderList(data, api) {
  document.getElementById('newsList').innerHTML = data.rows.map(function (r) {
    return '<li><a href="' + r.url + '">' + r.title + '</a><time>' + r.publishTime.slice(0, 10) + '</time></li>';
  }).join('');
  var pager = document.getElementById('pager');
  pager.innerHTML = '';
  for (var i = 0; i < data.pages; i++) {
    var b = document.createElement('button');
    b.textContent = i + 1;
    b.onclick = (function (n) { return function () {
      fetch(api.replace('/0/', '/' + n + '/')).then(function (r) { return r.json(); }).then(function (res) { renderList(res.data, api); });
    }; })(i);
    pager.appendChild(b);
  }
}
`,
	"/script/jpaas.js": `(function () {
  var tag = document.querySelector('script[parseType]'), box = document.querySelector('.list-box');
  var q = JSON.parse(tag.getAttribute('queryData').replace(/'/g, '"')), url = tag.getAttribute('url') + '?';
  Object.keys(q).forEach(function (k) { url += k + '=' + encodeURIComponent(q[k]) + '&'; });
  fetch(url).then(function (r) { return r.json(); }).then(function (res) { box.innerHTML = res.data.html; });
})();
`,
}
