// What a short program does in Go with franz-go: four fetchers, idempotent writes confirmed by all
// in-sync replicas, gzip, packs of 500 acknowledgements: `go-loop URL BROKERS`. The records are
// sell-kafka's own. Prints what the process took: {"cpuMs": …, "peakRss": bytes}.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	fetchers    = 4
	keysOfAPack = 500
	gzipLevel   = 1
)

type item struct {
	Data json.RawMessage `json:"data"`
	Meta struct {
		Type string `json:"type"`
		Sync struct {
			EventType string `json:"event_type"`
			AckKey    string `json:"ack_key"`
			Revision  int64  `json:"revision"`
		} `json:"sync"`
	} `json:"meta"`
}

// source is the block of that name in Debezium's envelope.
type source struct {
	Version   string `json:"version"`
	Connector string `json:"connector"`
	Name      string `json:"name"`
	TsMs      *int64 `json:"ts_ms"`
	DB        string `json:"db"`
	Table     string `json:"table"`
	Type      string `json:"type"`
	ID        string `json:"id"`
	Revision  int64  `json:"revision"`
	EventType string `json:"event_type"`
	AckKey    string `json:"ack_key"`
	Session   string `json:"session"`
	Device    string `json:"device"`
}

type sell struct {
	url    string
	client http.Client
}

func main() {
	ctx := context.Background()
	api := sell{url: os.Args[1], client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: fetchers + 1}}}
	producer, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(os.Args[2], ",")...),
		kgo.ProducerBatchCompression(kgo.GzipCompression().WithLevel(gzipLevel)),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
	)
	must(err)
	var session struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	_, body := api.send("POST", "/v2/sync/start", nil)
	must(json.Unmarshal(body, &session))

	settled := make(chan string, 10*keysOfAPack)
	acknowledged := make(chan struct{})
	go acknowledge(&api, settled, acknowledged)
	var reading sync.WaitGroup
	for range fetchers {
		reading.Add(1)
		go func() {
			defer reading.Done()
			for drainPage(ctx, &api, producer, session.Data.ID, settled) {
			}
		}()
	}
	reading.Wait()
	must(producer.Flush(ctx))
	close(settled)
	<-acknowledged
	producer.Close()
	printUsage()
}

// drainPage sends the records of the next page; it returns false once the session is drained.
func drainPage(ctx context.Context, api *sell, producer *kgo.Client, session string, settled chan<- string) bool {
	status, body := api.send("GET", "/v2/sync/"+session+"/queues/main", nil)
	if status == http.StatusNoContent {
		return false
	}
	var page struct {
		Items []item `json:"items"`
	}
	must(json.Unmarshal(body, &page))
	for index := range page.Items {
		one := &page.Items[index]
		records := recordsOf(one, session)
		for place, record := range records {
			isLast := place == len(records)-1
			producer.Produce(ctx, record, func(_ *kgo.Record, err error) {
				must(err)
				if isLast {
					settled <- one.Meta.Sync.AckKey
				}
			})
		}
	}
	return true
}

// recordsOf returns the change, and after a delete its tombstone.
func recordsOf(one *item, session string) []*kgo.Record {
	var data struct {
		ID        json.Number `json:"id"`
		CreatedAt *time.Time  `json:"created_at"`
		UpdatedAt *time.Time  `json:"updated_at"`
	}
	must(json.Unmarshal(one.Data, &data))
	meta := &one.Meta
	id := data.ID.String()
	key := id
	if id == "" {
		key = meta.Sync.AckKey[:strings.LastIndexByte(meta.Sync.AckKey, '-')]
	}
	changed := data.UpdatedAt
	if changed == nil {
		changed = data.CreatedAt
	}
	var changedMs *int64
	if changed != nil {
		ms := changed.UnixMilli()
		changedMs = &ms
	}
	about, err := json.Marshal(source{
		Version: "1.0.0", Connector: "zendesk-sell", Name: "bench", TsMs: changedMs, DB: "bench", Table: meta.Type, Type: meta.Type, ID: id,
		Revision: meta.Sync.Revision, EventType: meta.Sync.EventType, AckKey: meta.Sync.AckKey, Session: session, Device: "bench",
	})
	must(err)
	isDelete := meta.Sync.EventType == "deleted"
	before, after, op := "null", string(one.Data), meta.Sync.EventType[:1]
	if isDelete {
		before, after = string(one.Data), "null"
	}
	value := fmt.Appendf(nil, `{"before":%s,"after":%s,"source":%s,"op":"%s","ts_ms":%d}`, before, after, about, op, time.Now().UnixMilli())
	headers := []kgo.RecordHeader{
		{Key: "sell.connector", Value: []byte("bench")},
		{Key: "sell.type", Value: []byte(meta.Type)},
		{Key: "sell.event_type", Value: []byte(meta.Sync.EventType)},
		{Key: "sell.revision", Value: strconv.AppendInt(nil, meta.Sync.Revision, 10)},
		{Key: "sell.ack_key", Value: []byte(meta.Sync.AckKey)},
		{Key: "sell.session", Value: []byte(session)},
	}
	topic := "bench." + meta.Type
	records := []*kgo.Record{{Topic: topic, Key: []byte(key), Value: value, Headers: headers}}
	if isDelete {
		records = append(records, &kgo.Record{Topic: topic, Key: []byte(key), Headers: headers})
	}
	return records
}

// acknowledge sends packs of keys until no more are settled.
func acknowledge(api *sell, settled <-chan string, done chan<- struct{}) {
	keys := make([]string, 0, keysOfAPack)
	send := func() {
		body, err := json.Marshal(map[string]any{"data": map[string]any{"ack_keys": keys}})
		must(err)
		api.send("POST", "/v2/sync/ack", body)
		keys = keys[:0]
	}
	for key := range settled {
		keys = append(keys, key)
		if len(keys) == keysOfAPack {
			send()
		}
	}
	if len(keys) > 0 {
		send()
	}
	close(done)
}

func (api *sell) send(method, path string, body []byte) (int, []byte) {
	request, err := http.NewRequest(method, api.url+path, bytes.NewReader(body))
	must(err)
	request.Header.Set("Authorization", "Bearer "+strings.Repeat("t0ken", 13))
	request.Header.Set("X-Basecrm-Device-Uuid", "go-loop")
	request.Header.Set("Content-Type", "application/json")
	answer, err := api.client.Do(request)
	must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(err)
	return answer.StatusCode, text
}

func printUsage() {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"cpuMs": float64(cpu.Microseconds()) / 1_000, "peakRss": usage.Maxrss * 1_024,
	}))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
