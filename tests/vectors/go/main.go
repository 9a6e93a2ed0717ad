// Holds phigate's evidence formats against implementations that nobody at phigate wrote.
//
//	go run . ../audit
//
// It accepts ../audit/made-by-phigate.json (each line says what accepted it; any refusal ends it
// with 1), and writes ../audit/made-by-go.json, which phigate's own tests then have to accept.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	tlog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	tproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	sumtlog "golang.org/x/mod/sumdb/tlog"
)

type made struct {
	AuditKey    string     `json:"audit_key"`
	WitnessKey  string     `json:"witness_key"`
	TimeS       int64      `json:"time_s"`
	Leaves      [][]byte   `json:"leaves"`
	Roots       [][]byte   `json:"roots"`
	Checkpoint  string     `json:"checkpoint"`
	Cosigned    string     `json:"cosigned"`
	All         string     `json:"all"`
	Proofs      []string   `json:"proofs"`
	Consistency [][][]byte `json:"consistency"`
}

func must(what string, err error) {
	if err != nil {
		log.Fatalf("REFUSED %s: %v", what, err)
	}
}

func main() {
	folder := os.Args[1]
	data, err := os.ReadFile(filepath.Join(folder, "made-by-phigate.json"))
	must("file", err)
	var m made
	must("json", json.Unmarshal(data, &m))
	accept(m)
	out, err := json.MarshalIndent(make_(), "", " ")
	must("encode", err)
	must("write", os.WriteFile(filepath.Join(folder, "made-by-go.json"), append(out, '\n'), 0o644))
}

func accept(m made) {
	audit, err := note.NewVerifier(m.AuditKey)
	must("audit key", err)
	witness, err := fnote.NewVerifierForCosignatureV1(m.WitnessKey)
	must("witness key", err)

	_, err = note.Open([]byte(m.Checkpoint), note.VerifierList(audit))
	must("checkpoint", err)
	fmt.Println("golang.org/x/mod/sumdb/note accepts the shard's checkpoint")
	_, err = note.Open([]byte(m.All), note.VerifierList(audit))
	must("note over all", err)
	fmt.Println("golang.org/x/mod/sumdb/note accepts the note over all shards")

	cp, _, n, err := tlog.ParseCheckpoint([]byte(m.Cosigned), "gate-audit/0", audit, witness)
	must("cosigned checkpoint", err)
	if len(n.Sigs) != 2 {
		log.Fatalf("REFUSED cosignature: %d signatures verified", len(n.Sigs))
	}
	at, err := fnote.CoSigV1Timestamp(n.Sigs[1])
	must("time", err)
	if at.Unix() != m.TimeS {
		log.Fatalf("REFUSED time: %v", at)
	}
	fmt.Println("transparency-dev/formats accepts checkpoint and cosignature/v1, with its time")

	h := rfc6962.DefaultHasher
	for i, text := range m.Proofs {
		var p tproof.TLogProof
		must("tlog-proof", p.Unmarshal([]byte(text)))
		hashes := make([][]byte, len(p.Hashes))
		for k := range p.Hashes {
			hashes[k] = p.Hashes[k][:]
		}
		must("inclusion", proof.VerifyInclusion(h, p.Index, cp.Size, h.HashLeaf(m.Leaves[i]), hashes, cp.Hash))
		if !bytes.Equal(p.Checkpoint, []byte(m.Cosigned)) || p.Index != uint64(i) {
			log.Fatal("REFUSED tlog-proof: another checkpoint or index")
		}
		record := make(sumtlog.RecordProof, len(p.Hashes))
		for k := range p.Hashes {
			record[k] = sumtlog.Hash(p.Hashes[k])
		}
		must("sumdb/tlog", sumtlog.CheckRecord(record, int64(cp.Size), sumtlog.Hash(cp.Hash), int64(i), sumtlog.RecordHash(m.Leaves[i])))
	}
	fmt.Printf("transparency-dev/formats/proof, merkle/proof and sumdb/tlog accept %d inclusion proofs\n", len(m.Proofs))

	for size, hashes := range m.Consistency {
		must("consistency", proof.VerifyConsistency(h, uint64(size), cp.Size, hashes, m.Roots[size], cp.Hash))
	}
	fmt.Printf("transparency-dev/merkle/proof accepts %d consistency proofs\n", len(m.Consistency))
	fmt.Println("ACCEPTED")
}

// make_ returns the same kinds of things, made by Go from other keys and other leaves.
func make_() made {
	signer, vkey := signerOf("go-audit", 3)
	wkey := skeyOf("go-witness", 4)
	cosigner, err := fnote.NewSignerForCosignatureV1(wkey)
	must("cosigner", err)
	m := made{AuditKey: vkey}
	h := rfc6962.DefaultHasher
	factory := compact.RangeFactory{Hash: h.HashChildren}
	nodes := map[compact.NodeID][]byte{}
	tree := factory.NewEmptyRange(0)
	root := func() []byte {
		if tree.End() == 0 {
			return h.EmptyRoot()
		}
		found, err := tree.GetRootHash(nil)
		must("root", err)
		return found
	}
	m.Roots = append(m.Roots, root())
	for i := 0; i < 37; i++ {
		leaf := []byte(fmt.Sprintf("leaf %d", i*i))
		m.Leaves = append(m.Leaves, leaf)
		hash := h.HashLeaf(leaf)
		nodes[compact.NewNodeID(0, uint64(i))] = hash
		must("append", tree.Append(hash, func(id compact.NodeID, hash []byte) { nodes[id] = hash }))
		m.Roots = append(m.Roots, root())
	}
	size := uint64(len(m.Leaves))
	cp := tlog.Checkpoint{Origin: "go-audit/5", Size: size, Hash: m.Roots[size]}
	signed, err := note.Sign(&note.Note{Text: string(cp.Marshal())}, signer)
	must("sign", err)
	m.Checkpoint = string(signed)
	both, err := note.Sign(&note.Note{Text: string(cp.Marshal())}, signer, cosigner)
	must("cosign", err)
	m.Cosigned = string(both)
	_, wvkey := signerOf("go-witness", 4)
	m.WitnessKey, err = fnote.VKeyToCosignatureV1(wvkey)
	must("witness key", err)
	for i := uint64(0); i < size; i++ {
		want, err := proof.Inclusion(i, size)
		must("inclusion", err)
		p := tproof.TLogProof{Index: i, Checkpoint: signed}
		for _, each := range fetch(want, nodes) {
			p.Hashes = append(p.Hashes, [32]byte(each))
		}
		m.Proofs = append(m.Proofs, string(p.Marshal()))
	}
	for old := uint64(0); old <= size; old++ {
		found := [][]byte{}
		if old > 0 {
			want, err := proof.Consistency(old, size)
			must("consistency", err)
			found = fetch(want, nodes)
		}
		m.Consistency = append(m.Consistency, found)
	}
	return m
}

func fetch(want proof.Nodes, nodes map[compact.NodeID][]byte) [][]byte {
	found := [][]byte{}
	for _, id := range want.IDs {
		found = append(found, nodes[id])
	}
	found, err := want.Rehash(found, rfc6962.DefaultHasher.HashChildren)
	must("rehash", err)
	return found
}

func skeyOf(name string, seed byte) string {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	public := append([]byte{1}, private.Public().(ed25519.PublicKey)...)
	vkey, err := note.NewEd25519VerifierKey(name, public[1:])
	must("verifier key", err)
	id := vkey[len(name)+1 : len(name)+9]
	return fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, id,
		base64.StdEncoding.EncodeToString(append([]byte{1}, private.Seed()...)))
}

func signerOf(name string, seed byte) (note.Signer, string) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	vkey, err := note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	must("verifier key", err)
	signer, err := note.NewSigner(skeyOf(name, seed))
	must("signer", err)
	return signer, vkey
}
