<?php
// The back end of a shop that is paid through Paypage. docs/clients/php.md explains each part.
declare(strict_types=1);
ini_set('display_errors', '0'); // An exception is answered with 500. With its display, the answer would be a 200.

$secret = preg_replace('/^whsec_/', '', (string) getenv('PAYPAGE_WEBHOOK_SECRET'));
// An empty key would make forged events genuine.
define('SECRET', base64_decode($secret, true) ?: throw new Exception('PAYPAGE_WEBHOOK_SECRET has no key'));

function call(string $method, string $path, ?array $body = null, string ...$headers): array
{
    $headers = ['Authorization: Bearer ' . getenv('PAYPAGE_API_KEY'), 'Content-Type: application/json', ...$headers];
    $content = $body ? json_encode($body, JSON_THROW_ON_ERROR) : '';
    $request = compact('method', 'content') + ['header' => $headers, 'timeout' => 10, 'ignore_errors' => true];
    $answer = file_get_contents(getenv('PAYPAGE_URL') . $path, false, stream_context_create(['http' => $request]));
    return json_decode((string) $answer, true, flags: JSON_THROW_ON_ERROR); // An order, or a problem with a code.
}

function pay(string $order): array
{
    $back = 'http://127.0.0.1:' . getenv('SHOP_PORT') . "/orders/$order";
    $basket = ['out_trade_no' => $order, 'user_id' => 'u1', 'amount' => 9900, 'currency' => 'CNY',
        'subject' => 'Spring tea', 'return_url' => $back];
    // With one key per order, two presses of the button are one call.
    return call('POST', '/v1/payments', $basket, "Idempotency-Key: $order");
}

function is_genuine(string $body): bool
{
    $sentAt = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (!preg_match('/^[0-9]{1,12}$/D', $sentAt) || abs(time() - (int) $sentAt) > 300) {
        return false;
    }
    $signed = ($_SERVER['HTTP_WEBHOOK_ID'] ?? '') . ".$sentAt.$body"; // The body as it was received, byte for byte.
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', $signed, SECRET, true));
    $given = explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '');
    return in_array(true, array_map(fn (string $each) => hash_equals($expected, $each), $given), true);
}

function take(array $event, string $stored): void
{
    if ($event['type'] === 'order.paid' && !file_exists($stored)) {
        $payment = call('GET', '/v1/payments/' . $event['data']['out_trade_no']);
        if (isset($payment['code'])) {
            throw new Exception($payment['code']); // Without a 2xx, Paypage sends the event again.
        }
        if ($payment['state'] === 'paid' && $payment['refundable'] === $payment['amount']) {
            ship_once($payment['out_trade_no']);
        }
    }
    file_put_contents($stored, json_encode($event)) ?: throw new Exception('not stored');
}

function ship_once(string $order): void
{
    if (@fopen(getenv('SHOP_DATA') . "/$order.shipped", 'x')) { // Files stand for the rows of a database.
        error_log("ship $order");
    }
}

preg_match('#^/orders/([0-9A-Za-z_]{4,28})$#D', $_SERVER['REQUEST_URI'], $order);
$body = (string) file_get_contents('php://input', length: 65536);
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    $state = $order ? call('GET', "/v1/payments/$order[1]")['state'] ?? '' : '';
    echo "<p>$state</p><form method=post><button>Pay</button></form>";
} elseif ($order) {
    $payment = pay($order[1]);
    header('Location: ' . ($payment['checkout_url'] ?? throw new Exception($payment['code'])), true, 303);
} elseif (!is_genuine($body)) {
    http_response_code(401);
} else {
    take(json_decode($body, true), getenv('SHOP_DATA') . "/{$_SERVER['HTTP_WEBHOOK_ID']}.json");
    http_response_code(204); // Only now.
}
