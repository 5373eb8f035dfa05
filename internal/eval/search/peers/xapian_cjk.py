"""Xapian with its n-grams of Chinese (single characters and pairs), BM25 as it comes. The n-grams of a query are joined
by OR here: its query parser wants all of them, which no headline or question survives."""
import gzip, json, os, resource, sys, time

try:
    import xapian
except ImportError:
    sys.exit("python3-xapian is not installed (apt-get install python3-xapian)")

docs, queries, folder, run = sys.argv[1:]
path = os.path.join(folder, "xapian")
db = xapian.WritableDatabase(path, xapian.DB_CREATE_OR_OVERWRITE)
gen = xapian.TermGenerator()
gen.set_flags(xapian.TermGenerator.FLAG_CJK_NGRAM)
opened = gzip.open if docs.endswith(".gz") else open
with opened(docs, "rt", encoding="utf-8") as f:
    for d in map(json.loads, f):
        doc = xapian.Document()
        gen.set_document(doc)
        gen.index_text_without_positions(d.get("title", "") + "\n" + d["text"])
        doc.set_data(d["id"] + "\n" + d["text"])
        db.add_document(doc)
db.commit()
db.close()
indexed = time.process_time()
size = sum(os.path.getsize(os.path.join(path, n)) for n in os.listdir(path))
db = xapian.Database(path)
enquire = xapian.Enquire(db)
took = []
before = time.process_time()
with open(queries, encoding="utf-8") as f, open(run, "w", encoding="utf-8") as out:
    for q in map(json.loads, f):
        began = time.time()
        asked = xapian.Document()
        gen.set_document(asked)
        gen.index_text_without_positions(q["text"])
        enquire.set_query(xapian.Query(xapian.Query.OP_OR, [t.term for t in asked.termlist()]))
        hits = [(m.document.get_data().split(b"\n", 1)[0].decode(), m.weight) for m in enquire.get_mset(0, 100)]
        took.append(time.time() - began)
        for i, (doc, score) in enumerate(hits):
            out.write("%s Q0 %s %d %g xapian\n" % (q["qid"], doc, i + 1, score))
spent = time.process_time() - before
print(json.dumps({"name": "Xapian %s CJK n-grams" % xapian.version_string(), "index_cpu_s": indexed, "queries_cpu_s": spent, "bytes": size,
                  "memory_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "took_ms": [1e3 * t for t in took]}))
