// The back end of a shop that is paid through Paypage. docs/clients/go.md explains each part.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

var paypage, port, folder = os.Getenv("PAYPAGE_URL"), os.Getenv("SHOP_PORT"), os.Getenv("SHOP_DATA") + "/"
var bearer, page = "Bearer " + os.Getenv("PAYPAGE_API_KEY"), "<p>%v</p><form method=post><button>Pay</button></form>"
var secret = must(base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("PAYPAGE_WEBHOOK_SECRET"), "whsec_")))
var orderPath = regexp.MustCompile("^/orders/([0-9A-Za-z_]{4,28})$")

func must[Value any](value Value, err error) Value {
	if err != nil {
		panic(err) // Closes the connection without an answer. Paypage then sends the event again.
	}
	return value
}

func call(method, path, key string, body any) (answer map[string]any) { // An order, or a problem with a code.
	request := must(http.NewRequest(method, paypage+path, strings.NewReader(string(must(json.Marshal(body))))))
	request.Header = http.Header{"Authorization": {bearer}, "Idempotency-Key": {key}, "Content-Type": {"application/json"}}
	response := must((&http.Client{Timeout: 10 * time.Second}).Do(request))
	defer response.Body.Close()
	must(0, json.NewDecoder(response.Body).Decode(&answer))
	return answer
}

func isGenuine(header http.Header, body []byte) (isSigned bool) {
	sentAt, _ := time.ParseDuration(header.Get("webhook-timestamp") + "s")
	mac := hmac.New(sha256.New, secret) // Signs the body as it was received, byte for byte.
	fmt.Fprintf(mac, "%s.%s.%s", header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
	expected := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, given := range strings.Fields(header.Get("webhook-signature")) {
		isSigned = isSigned || hmac.Equal([]byte(given), expected)
	}
	return isSigned && len(secret) > 0 && time.Since(time.Unix(0, int64(sentAt))).Abs() < 5*time.Minute
}
func shipOnce(order string) {
	now := call("GET", "/v1/payments/"+order, "", nil)
	if now["state"].(string) == "paid" && now["refundable"] == now["amount"] {
		if _, err := os.OpenFile(folder+order+".shipped", os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			fmt.Println("ship", order)
		}
	}
}

func serve(w http.ResponseWriter, r *http.Request) {
	body, event := must(io.ReadAll(io.LimitReader(r.Body, 1<<16))), map[string]any{}
	if order := orderPath.FindStringSubmatch(r.URL.Path); order != nil && r.Method == "POST" {
		payment := call("POST", "/v1/payments", order[1], map[string]any{ // With one key per order, two calls are one.
			"out_trade_no": order[1], "user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "Spring tea",
			"return_url": "http://127.0.0.1:" + port + r.URL.Path})
		http.Redirect(w, r, payment["checkout_url"].(string), http.StatusSeeOther)
	} else if order != nil {
		fmt.Fprintf(w, page, call("GET", "/v1/payments/"+order[1], "", nil)["state"])
	} else if !isGenuine(r.Header, body) {
		w.WriteHeader(http.StatusUnauthorized)
	} else {
		stored := folder + r.Header.Get("webhook-id") + ".json"
		must(0, json.Unmarshal(body, &event))
		if _, err := os.Stat(stored); err != nil && event["type"] == "order.paid" { // Not handled before.
			shipOnce(event["data"].(map[string]any)["out_trade_no"].(string))
		}
		must(0, os.WriteFile(stored, body, 0o600))
		w.WriteHeader(http.StatusNoContent) // Only now. Without a 2xx, Paypage sends the event again.
	}
}
func main() { must(0, http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(serve))) }
