/*
 * A connection to a PostgreSQL server: see postgres_server.h.
 */
#include "postgres_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "postgres_sql.h"

/* Returns advice for an error that the user can correct; NULL for other errors. */
static const char *advice_for(const char *state)
{
    static const struct
    {
        const char *state;
        const char *advice;
    } advices[] = {
        {"53100", "the disk of the server is full: make space and run the command again"},
        {"42501", "the role needs the rights of eventure_shipper or eventure_analyst: see roles in docs/fleet.md"},
        {"42P01", "the schema was changed by hand: restore the table, or drop the schema and ship again"},
        {"42703", "the schema was changed by hand: restore the column, or drop the schema and ship again"},
        {"42883", "the schema was changed by hand: restore the function, or drop the schema and ship again"},
        {"23505", "rows were added by hand, or another shipper runs: delete the rows beyond the position of the run"},
    };
    for (size_t i = 0; state != NULL && i < sizeof advices / sizeof *advices; i++)
        if (strcmp(advices[i].state, state) == 0)
            return advices[i].advice;
    return NULL;
}

/* Copies a message of libpq, which has several lines and tabs, as one line. */
static void join_lines(const char *text, char *out, size_t size)
{
    size_t len = 0;
    for (; *text != '\0' && len + 1 < size; text++)
        if (*text != '\n' && *text != '\t')
            out[len++] = *text;
        else if (len > 0 && out[len - 1] != ' ')
            out[len++] = ' ';
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}

int server_fail(server *self, const char *what, PGresult *result)
{
    const char *text = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(self->connection);
    const char *primary = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *advice = advice_for(result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL);
    self->is_lost = PQstatus(self->connection) != CONNECTION_OK;
    if (primary != NULL)
        text = primary;
    char line[1000];
    join_lines(text, line, sizeof line);
    message("%s: server: %s%s%s", what, line, advice != NULL ? "; " : "", advice != NULL ? advice : "");
    PQclear(result);
    return EXIT_FILE;
}

/* Discards the notices of the server, which are not errors; libpq would print them on standard error. */
static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static int check_conninfo(const char *conninfo)
{
    char *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &problem);
    int exit_code = EXIT_DONE;
    if (options == NULL && problem == NULL)
        return message_memory();
    if (options == NULL)
    {
        int len = (int)strcspn(problem, "\n");
        exit_code = message_usage(NULL, "the connection '%s': %.*s", conninfo, len, problem);
    }
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "password") == 0 && option->val != NULL && exit_code == EXIT_DONE)
            exit_code = message_usage(NULL, "a password on the command line can be read by other users: put it into "
                                            "~/.pgpass, or into the file that PGPASSFILE names");
    PQconninfoFree(options);
    PQfreemem(problem);
    return exit_code;
}

static int connect_now(server *self, bool quiet)
{
    /* With these keepalives a dead connection is detected after 60 s without traffic: 30 s, and three probes at
       intervals of 10 s. */
    const char *const keywords[] = {"keepalives_idle",
                                    "keepalives_interval",
                                    "keepalives_count",
                                    "connect_timeout",
                                    "application_name",
                                    "dbname",
                                    NULL};
    const char *const values[] = {"30", "10", "3", "20", "eventure", self->conninfo, NULL};
    self->connection = PQconnectdbParams(keywords, values, 1);
    if (self->connection == NULL)
        return message_memory();
    PQsetNoticeReceiver(self->connection, ignore_notice, NULL);
    if (PQstatus(self->connection) != CONNECTION_OK)
    {
        self->is_lost = true;
        if (quiet)
            return EXIT_FILE;
        server_fail(self, "connect", NULL);
        if (PQconnectionNeedsPassword(self->connection) || PQconnectionUsedPassword(self->connection))
            message("connect: the password is read from ~/.pgpass, or from the file that PGPASSFILE names");
        return EXIT_FILE;
    }
    self->is_lost = false;
    if (PQserverVersion(self->connection) < 150000)
    {
        message("connect: the server has PostgreSQL %d; version 15 or newer is needed",
                PQserverVersion(self->connection) / 10000);
        return EXIT_FILE;
    }
    return server_run(self, "connect",
                      "SET client_encoding = 'UTF8'; SET search_path = pg_catalog; "
                      "SET extra_float_digits = 1; SET bytea_output = 'hex'");
}

int server_open(server *self, const char *conninfo)
{
    *self = (server){.conninfo = conninfo};
    int exit_code = check_conninfo(conninfo);
    return exit_code == EXIT_DONE ? connect_now(self, false) : exit_code;
}

int server_reopen(server *self, bool quiet)
{
    PQfinish(self->connection);
    self->connection = NULL;
    return connect_now(self, quiet);
}

void server_close(server *self)
{
    PQfinish(self->connection);
    self->connection = NULL;
}

int server_ask(server *self, const char *what, const char *sql, int count, const char *const *values, PGresult **out)
{
    PGresult *result = PQexecParams(self->connection, sql, count, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return server_fail(self, what, result);
    if (out != NULL)
        *out = result;
    else
        PQclear(result);
    return EXIT_DONE;
}

int server_run(server *self, const char *what, const char *sql)
{
    PGresult *result = PQexec(self->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return server_fail(self, what, result);
    PQclear(result);
    return EXIT_DONE;
}

/* --- Rows --- */

int server_copy_begin(server *self, const char *what, const char *sql)
{
    PGresult *result = PQexec(self->connection, sql);
    if (PQresultStatus(result) != PGRES_COPY_IN)
        return server_fail(self, what, result);
    PQclear(result);
    return EXIT_DONE;
}

int server_copy_put(server *self, const char *what, const char *bytes, size_t len)
{
    return PQputCopyData(self->connection, bytes, (int)len) == 1 ? EXIT_DONE : server_fail(self, what, NULL);
}

int server_copy_end(server *self, const char *what)
{
    int exit_code = EXIT_DONE;
    PGresult *result = NULL;
    if (PQputCopyEnd(self->connection, NULL) != 1)
        return server_fail(self, what, NULL);
    while ((result = PQgetResult(self->connection)) != NULL)
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            PQclear(result);
        else
            exit_code = server_fail(self, what, result);
    return exit_code;
}

/* --- The schema --- */

/* Returns the script with each `:partitions` replaced; the caller frees it. NULL: out of memory. */
static char *fill_in(const char *script, int64_t partitions)
{
    static const char place[] = ":partitions";
    char number[24];
    size_t size = strlen(script) + 1;
    int number_len = snprintf(number, sizeof number, "%lld", (long long)partitions);
    for (const char *at = script; (at = strstr(at, place)) != NULL; at++)
        size += sizeof number;
    char *filled = malloc(size);
    char *to = filled;
    while (filled != NULL && *script != '\0')
        if (strncmp(script, place, sizeof place - 1) == 0)
        {
            memcpy(to, number, (size_t)number_len);
            to += number_len;
            script += sizeof place - 1;
        }
        else
            *to++ = *script++;
    if (filled != NULL)
        *to = '\0';
    return filled;
}

/* Several shippers may begin at the same time: the lock makes one of them create the schema. */
static int make_schema(server *self, int64_t partitions)
{
    char *tables = fill_in(postgres_schema_sql, partitions);
    if (tables == NULL)
        return message_memory();
    int exit_code = server_run(self, "make the schema", "BEGIN; SELECT pg_advisory_xact_lock(1165389428)");
    PGresult *result = NULL;
    if (exit_code == EXIT_DONE)
        exit_code = server_ask(self, "make the schema", "SELECT to_regnamespace('eventure')", 0, NULL, &result);
    bool exists = exit_code == EXIT_DONE && PQgetisnull(result, 0, 0) == 0;
    PQclear(result);
    if (exit_code == EXIT_DONE && !exists)
        exit_code = server_run(self, "make the schema", tables);
    if (exit_code == EXIT_DONE && !exists)
        exit_code = server_run(self, "make the schema", postgres_shipping_sql);
    if (exit_code == EXIT_DONE && !exists)
        exit_code = server_run(self, "make the schema", postgres_questions_sql);
    if (exit_code == EXIT_DONE)
        exit_code = server_run(self, "make the schema", "COMMIT");
    free(tables);
    return exit_code;
}

static int ask_format(server *self, int *out_format)
{
    static const char sql[] = "SELECT substring(obj_description(oid, 'pg_namespace') FROM 'format (\\d+)') "
                              "FROM pg_namespace WHERE nspname = 'eventure'";
    PGresult *result = NULL;
    int exit_code = server_ask(self, "read the schema", sql, 0, NULL, &result);
    if (exit_code != EXIT_DONE)
        return exit_code;
    *out_format = PQntuples(result) == 0      ? 0
                  : PQgetisnull(result, 0, 0) ? -1
                                              : (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return EXIT_DONE;
}

int server_need_schema(server *self, int64_t partitions)
{
    int format = 0;
    int exit_code = ask_format(self, &format);
    if (exit_code == EXIT_DONE && format == 0 && partitions > 0)
    {
        exit_code = make_schema(self, partitions);
        if (exit_code == EXIT_DONE)
            exit_code = ask_format(self, &format);
    }
    if (exit_code != EXIT_DONE || format == SERVER_FORMAT)
        return exit_code;
    if (format == 0)
        message("the database %s has no schema eventure: nothing was shipped to it", PQdb(self->connection));
    else if (format < 0)
        message("the schema eventure of the database %s was not made by eventure: ship into another database",
                PQdb(self->connection));
    else
        message("the schema eventure of the database %s has format %d, and this program knows format %d: use the "
                "program of that version, or ship into another database",
                PQdb(self->connection), format, SERVER_FORMAT);
    return EXIT_FILE;
}
