/*
 * Access control: see access.h.
 */
#include "access.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"

#define TOKEN_BYTES 24

bool access_make_token(server *owner)
{
    unsigned char bytes[TOKEN_BYTES];
    FILE *random = fopen("/dev/urandom", "rb");
    bool is_read = random != NULL && fread(bytes, 1, sizeof bytes, random) == sizeof bytes;
    if (random != NULL)
        fclose(random);
    if (is_read)
        eventure__format_hex(owner->token, bytes, sizeof bytes);
    return is_read;
}

/* Compares in constant time: the time depends only on the length, and not on the position of the first difference. */
static bool is_token(const server *owner, const char *given)
{
    size_t len = strlen(owner->token);
    unsigned differs = 0;
    if (strlen(given) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        differs |= (unsigned)(unsigned char)given[i] ^ (unsigned)(unsigned char)owner->token[i];
    return !differs;
}

bool access_has_token(const server *owner, struct MHD_Connection *connection)
{
    static const char bearer[] = "Bearer ";
    const char *given = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "token");
    const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    if (given == NULL && header != NULL && strncmp(header, bearer, sizeof bearer - 1) == 0)
        given = header + sizeof bearer - 1;
    return given != NULL && is_token(owner, given);
}

static bool is_loopback_address(const char *name)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, name, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_address(const char *name)
{
    struct in6_addr any;
    return inet_pton(AF_INET, name, &any) == 1 || inet_pton(AF_INET6, name, &any) == 1;
}

/* Splits `NAME:PORT`, where an IPv6 address is in brackets. */
static bool split_host(const char *host, char *name, size_t size, long *out_port)
{
    const char *end = host[0] == '[' ? strchr(host, ']') : strchr(host, ':');
    const char *begin = host[0] == '[' ? host + 1 : host;
    if (end == NULL)
        end = host + strlen(host);
    size_t len = (size_t)(end - begin);
    if (len == 0 || len >= size)
        return false;
    memcpy(name, begin, len);
    name[len] = '\0';
    if (*end == ']')
        end++;
    char *rest = NULL;
    *out_port = *end == ':' ? strtol(end + 1, &rest, 10) : 80;
    return *end == '\0' || (*end == ':' && rest != NULL && rest != end + 1 && *rest == '\0');
}

/* The owner of a domain name can make it resolve to any address, so only addresses and `localhost` are accepted. */
static bool is_own_host(const server *owner, const char *host)
{
    char name[64];
    long port = 0;
    if (!split_host(host, name, sizeof name, &port) || port != owner->port)
        return false;
    if (strcasecmp(name, "localhost") == 0)
        return true;
    return owner->is_loopback ? is_loopback_address(name) : is_address(name);
}

typedef struct host_count
{
    const char *host;
    const char *origin;
    int hosts;
    int origins;
} host_count;

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *key, const char *value)
{
    host_count *found = context;
    (void)kind;
    if (strcasecmp(key, "Host") == 0)
    {
        found->host = value;
        found->hosts++;
    }
    else if (strcasecmp(key, "Origin") == 0)
    {
        found->origin = value;
        found->origins++;
    }
    return MHD_YES;
}

const char *access_refuses_origin(const server *owner, struct MHD_Connection *connection, unsigned *out_status)
{
    static const char scheme[] = "http://";
    host_count found = {NULL, NULL, 0, 0};
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, &found);
    *out_status = 400;
    if (found.hosts != 1 || found.host == NULL)
        return "the request names no host, or more than one";
    *out_status = 403;
    if (!is_own_host(owner, found.host))
        return "the host is not the address of this server: open the link that eventure serve printed";
    if (found.origins == 0)
        return NULL;
    if (found.origins > 1 || found.origin == NULL || strncmp(found.origin, scheme, sizeof scheme - 1) != 0 ||
        strcasecmp(found.origin + sizeof scheme - 1, found.host) != 0)
        return "another page may not ask";
    return NULL;
}
