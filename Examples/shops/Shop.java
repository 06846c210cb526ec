import com.sun.net.httpserver.*;
import java.net.*;
import java.net.http.*;
import java.nio.file.*;
import java.util.*;
import java.util.regex.*;
/** The back end of a shop that is paid through Paypage. docs/clients/java.md explains each part. */
class Shop {
    static final Map<String, String> ENV = System.getenv();
    static final byte[] SECRET = Base64.getDecoder().decode(ENV.get("PAYPAGE_WEBHOOK_SECRET").replace("whsec_", ""));
    static String call(String method, String path, String key, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(ENV.get("PAYPAGE_URL") + path)).header("Idempotency-Key", key)
            .header("Authorization", "Bearer " + ENV.get("PAYPAGE_API_KEY")).header("Content-Type", "application/json")
            .timeout(java.time.Duration.ofSeconds(10)).method(method, HttpRequest.BodyPublishers.ofString(body));
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    static boolean isGenuine(Headers headers, byte[] body) throws Exception {
        var sentAt = String.valueOf(headers.getFirst("webhook-timestamp"));
        var age = sentAt.matches("[0-9]{1,12}") ? System.currentTimeMillis() / 1000 - Long.parseLong(sentAt) : 301;
        var mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(SECRET, "HmacSHA256"));
        mac.update((headers.getFirst("webhook-id") + "." + sentAt + ".").getBytes());
        var expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body)); // The body as it was received.
        return Math.abs(age) <= 300 && Arrays.stream(String.valueOf(headers.getFirst("webhook-signature")).split(" "))
            .anyMatch(each -> java.security.MessageDigest.isEqual(each.getBytes(), expected.getBytes()));
    }

    static void take(String event, Path stored) throws Exception {
        if (get(event, 1, "type").equals("order.paid") && Files.notExists(stored)) {
            var order = get(event, 2, "out_trade_no");
            var now = call("GET", "/v1/payments/" + order, "", "");
            var paid = get(now, 1, "state").equals("paid") && get(now, 1, "refundable").equals(get(now, 1, "amount"));
            var shipment = stored.resolveSibling(order + ".shipped").toFile();
            if (paid && shipment.createNewFile()) System.out.println("ship " + order);
        }
        Files.writeString(stored, event); // Files stand for the rows of a database.
    }

    static String get(String json, int depth, String name) { // A real shop uses a JSON library.
        var token = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\":?|[{}\\[\\]]|[\\w.-]+").matcher(json);
        var level = 0;
        for (var before = ""; token.find(); before = token.group()) {
            if (level == depth && before.equals("\"" + name + "\":")) return token.group().replace("\"", "");
            level += "{[".contains(token.group()) ? 1 : "}]".contains(token.group()) ? -1 : 0;
        }
        throw new NoSuchElementException(name + " in " + json);
    }

    static void respond(HttpExchange exchange) throws Exception {
        var order = Pattern.compile("/orders/([0-9A-Za-z_]{4,28})").matcher(exchange.getRequestURI().getPath());
        var body = exchange.getRequestBody().readNBytes(65536);
        if (exchange.getRequestMethod().equals("GET")) {
            var known = order.matches() ? call("GET", "/v1/payments/" + order.group(1), "", "") : "";
            var state = known.contains("\"state\"") ? get(known, 1, "state") : "";
            exchange.sendResponseHeaders(200, 0);
            var page = "<p>" + state + "</p><form method=post><button>Pay</button></form>";
            exchange.getResponseBody().write(page.getBytes());
        } else if (order.matches()) {
            var payment = call("POST", "/v1/payments", order.group(1), """
                {"out_trade_no": "%1$s", "user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "Spring tea",
                 "return_url": "http://127.0.0.1:%2$s/orders/%1$s"}
                """.formatted(order.group(1), ENV.get("SHOP_PORT"))); // With one key per order, two calls are one.
            exchange.getResponseHeaders().set("Location", get(payment, 1, "checkout_url"));
            exchange.sendResponseHeaders(303, -1);
        } else if (isGenuine(exchange.getRequestHeaders(), body)) {
            var message = exchange.getRequestHeaders().getFirst("webhook-id");
            take(new String(body), Path.of(ENV.get("SHOP_DATA"), message + ".json"));
            exchange.sendResponseHeaders(204, -1); // Only now. Without a 2xx, Paypage sends the event again.
        } else exchange.sendResponseHeaders(401, -1);
    }

    public static void main(String[] arguments) throws Exception {
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(ENV.get("SHOP_PORT")));
        HttpServer.create(address, 0).createContext("/", exchange -> {
            try (exchange) { respond(exchange); } catch (Exception error) { throw new java.io.IOException(error); }
        }).getServer().start();
    }
}
