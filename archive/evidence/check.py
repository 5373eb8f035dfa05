#!/usr/bin/env python3
"""Checks a cundang evidence file on Python's standard library alone: check.py FILE.zip [LOG-KEY]

A second implementation beside archive/evidence, written from the formats and not from that code: RFC 6962 (hashes),
RFC 8032 (Ed25519), C2SP signed-note, tlog-checkpoint and tlog-proof, docs/proofs.md (entries). Exit status 0: it holds."""
import base64, gzip, hashlib, json, sys, zipfile

# Ed25519 after RFC 8032, section 5.1 and appendix A: slow, short, for verifying only.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(a, b):
    x1, y1, z1, t1 = a; x2, y2, z2, t2 = b
    A, B, C, E = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P, 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = B - A, E - C, E + C, B + A
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(s, p):
    q = (0, 1, 1, 0)
    while s:
        if s & 1: q = add(q, p)
        p, s = add(p, p), s >> 1
    return q

def point(b):
    y = int.from_bytes(b, 'little'); sign, y = y >> 255, y & (1 << 255) - 1
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign): raise ValueError('no point of the curve')
    if x & 1 != sign: x = P - x
    return x, y, 1, x * y % P

BASE = point(bytes.fromhex('58' + '66' * 31))

def ed25519(key, msg, sig):
    s = int.from_bytes(sig[32:], 'little')
    if len(sig) != 64 or s >= L: return False
    k = int.from_bytes(hashlib.sha512(sig[:32] + key + msg).digest(), 'little') % L
    a, b = times(s, BASE), add(point(sig[:32]), times(k, point(key)))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0

def opened(note, keys):
    """The text of a signed note, if one of the verifier keys NAME+HASH+KEY has signed it."""
    text, sigs = note.rsplit('\n\n', 1)
    text += '\n'
    for line in sigs.splitlines():
        dash, name, b64 = line.split(' ')
        sig = base64.b64decode(b64)
        for k in keys:
            kname, khash, kb64 = k.split('+', 2)
            key = base64.b64decode(kb64)
            if hashlib.sha256(kname.encode() + b'\n' + key).digest()[:4].hex() != khash: raise ValueError('key and its hash differ')
            if dash == '—' and kname == name and sig[:4].hex() == khash and key[0] == 1 and ed25519(key[1:], text.encode(), sig[4:]):
                return text, name
    raise ValueError('no signature of a key of the log')

def node(a, b): return hashlib.sha256(b'\x01' + a + b).digest()

def root(index, size, leaf, proof):
    """RFC 9162, section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0: raise ValueError('proof too long')
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn: fn, sn = fn >> 1, sn >> 1
        else: r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn: raise ValueError('proof too short')
    return r

def check(path, trusted=None):
    z = zipfile.ZipFile(path)
    manifest = json.loads(z.read('evidence.json'))
    chain = [json.loads(l) for l in z.read('keys.jsonl').decode().splitlines()]
    keys = [k['key'] for k in chain]
    for before, k in zip(chain, chain[1:]):
        if opened(k['vouched'], [before['key']])[0] != 'cundang log key v1\n%s\n%s\n' % (k['key'], k['from']): raise ValueError('key not vouched for')
    if trusted and trusted not in keys: raise ValueError('none of the keys is ' + trusted)
    if manifest['format'] != 'cundang evidence v1' or not 1 <= len(manifest['captures']) <= 2: raise ValueError('unknown format')
    leaves = []
    for c in manifest['captures']:
        entry = z.read(c['entry'])
        version, url, time, payload, record, ref, end = entry.decode().split('\n')
        if version != 'cundang capture v1' or end or (url, ref) != (c['url'], c['ref']): raise ValueError('entry of another capture')
        data = z.read(c['record'])
        if 'sha256:' + hashlib.sha256(data[:c['length']]).hexdigest() != record: raise ValueError('the record is not the logged one')
        head = gzip.decompress(data[:c['length']]).split(b'\r\n\r\n', 1)[0].decode('utf-8', 'replace')
        if '\r\nWARC-Target-URI: ' + url not in head.replace(': <', ': '): raise ValueError('the record is of another address')
        text, _, signed = z.read(c['proof']).decode().partition('\n\n')
        lines = text.split('\n')
        if lines[0] != 'c2sp.org/tlog-proof@v1' or not lines[1].startswith('index '): raise ValueError('no tlog-proof')
        body, signer = opened(signed, keys)
        origin, size, want = body.split('\n')[:3]
        leaf = hashlib.sha256(b'\x00' + entry).digest()
        got = root(int(lines[1][6:]), int(size), leaf, [base64.b64decode(h, validate=True) for h in lines[2:]])
        if signer != origin or int(lines[1][6:]) >= int(size) or got != base64.b64decode(want): raise ValueError('the proof does not lead to the head')
        leaves.append(payload)
        print('holds: %s captured %s, entry %s of %s of %s' % (url, time, lines[1][6:], size, origin))
    if len(leaves) == 2 and (not leaves[0] or leaves[0] != leaves[1]): raise ValueError('the second capture has another body')
    if not trusted: print('key:   %s (compare with a copy from elsewhere)' % keys[-1])

if __name__ == '__main__':
    try: check(*sys.argv[1:3])
    except Exception as e: sys.exit('does not hold: %s: %s' % (type(e).__name__, e))
