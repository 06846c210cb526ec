// libcurl for Swift. Swift cannot call variadic C functions. So curl_easy_setopt, curl_easy_getinfo and
// curl_multi_setopt have one small wrapper here for each type of argument.

#pragma once
#include <curl/curl.h>

// CURLOPT_PREREQFUNCTION, which shows whether a request was sent, needs 7.80.
#if LIBCURL_VERSION_NUM < 0x075000
#error "Paypage needs libcurl 7.80 or newer"
#endif

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_nothing(CURL *easy, CURLoption option) {
    return curl_easy_setopt(easy, option, NULL);
}

// Caches the parsed authorities for that many seconds. Ignored if libcurl does not know the option (before 7.87) or its
// TLS library does not support it; each connection then parses the file.
static inline CURLcode ccurl_cache_authorities(CURL *easy, long seconds) {
#if LIBCURL_VERSION_NUM >= 0x075700
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, seconds);
    return code == CURLE_UNKNOWN_OPTION || code == CURLE_NOT_BUILT_IN ? CURLE_OK : code;
#else
    (void)easy;
    (void)seconds;
    return CURLE_OK;
#endif
}

// The default file of authorities that libcurl was built with, or NULL.
static inline const char *ccurl_default_authorities(void) {
    return curl_version_info(CURLVERSION_NOW)->cainfo;
}

static inline CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *headers) {
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
}

static inline CURLcode ccurl_fix_addresses(CURL *easy, struct curl_slist *addresses) {
    return curl_easy_setopt(easy, CURLOPT_RESOLVE, addresses);
}

// libcurl copies the bytes. The size must be set before them.
static inline CURLcode ccurl_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}

static inline CURLcode ccurl_allow_only_http(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

// Without this option, aborting a transfer during name resolution blocks until the resolver returns, and all other
// transfers with it.
static inline CURLcode ccurl_never_wait_for_resolver(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
    return CURLE_OK;
#endif
}

static inline CURLcode ccurl_set_callbacks(
    CURL *easy, void *owner, curl_prereq_callback begin, curl_write_callback header, curl_write_callback body
) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_PREREQDATA, owner);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, owner);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, owner);
    if (code == CURLE_OK) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    return code;
}

static inline void *ccurl_owner(CURL *easy) {
    char *owner = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner) == CURLE_OK ? owner : NULL;
}

// The number of connections made for this transfer; 0 if it reuses one.
static inline long ccurl_new_connections(CURL *easy) {
    long count = 0;
    return curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &count) == CURLE_OK ? count : 0;
}

static inline long ccurl_status(CURL *easy) {
    long status = 0;
    return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
