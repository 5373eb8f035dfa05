"""SQLite FTS5, trigram tokenizer: a query is the OR of its trigrams, ranked by bm25()."""
import gzip, json, os, resource, sqlite3, sys, time

docs, queries, folder, run = sys.argv[1:]
db = os.path.join(folder, "fts5.db")
c = sqlite3.connect(db)
c.execute("PRAGMA journal_mode=OFF")
c.execute("PRAGMA synchronous=OFF")
c.execute("CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, title, text, tokenize='trigram')")
opened = gzip.open if docs.endswith(".gz") else open
with opened(docs, "rt", encoding="utf-8") as f:
    c.executemany("INSERT INTO t VALUES (?,?,?)", ((d["id"], d.get("title", ""), d["text"]) for d in map(json.loads, f)))
c.execute("INSERT INTO t(t) VALUES('optimize')")
c.commit()
indexed = time.process_time()
took = []
before = time.process_time()
with open(queries, encoding="utf-8") as f, open(run, "w", encoding="utf-8") as out:
    for q in map(json.loads, f):
        began = time.time()
        text = q["text"]
        grams = dict.fromkeys(text[i:i + 3] for i in range(max(1, len(text) - 2)))
        match = " OR ".join('"%s"' % g.replace('"', '""') for g in grams)
        rows = c.execute("SELECT id, bm25(t) FROM t WHERE t MATCH ? ORDER BY rank LIMIT 100", (match,)).fetchall()
        took.append(time.time() - began)
        for i, (doc, score) in enumerate(rows):
            out.write("%s Q0 %s %d %g fts5\n" % (q["qid"], doc, i + 1, -score))
asked = time.process_time() - before
print(json.dumps({"name": "SQLite %s FTS5 trigram" % sqlite3.sqlite_version, "index_cpu_s": indexed, "queries_cpu_s": asked, "bytes": os.path.getsize(db),
                  "memory_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "took_ms": [1e3 * t for t in took]}))
