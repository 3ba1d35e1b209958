/* Its checks of argument types are for literal options in C. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

/*
 * curl_easy_setopt is variadic, which Swift does not import. The type of the value depends on the option:
 * https://curl.se/libcurl/c/curl_easy_setopt.html
 */
static inline CURLcode souk_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode souk_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode souk_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

/* Callbacks that read and write share this type. */
static inline CURLcode souk_curl_set_callback(CURL *handle, CURLoption option, curl_write_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode souk_curl_set_open_socket(CURL *handle, curl_opensocket_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}

/* The same for curl_easy_getinfo. */
static inline long souk_curl_response_code(CURL *handle) {
    long code = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

/* The address is the start of a larger storage, of which curl_sockaddr declares 16 bytes. */
static inline const void *souk_curl_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

/* Macros with casts and operators, which Swift does not import. */
static inline CURLcode souk_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
