/*
 * Parameters: see sql_parameters.h. A value is written as in --data: JSON, otherwise a string. SQLite converts it with
 * json_extract: numbers stay exact up to 64 bits, true and false are 1 and 0, null is NULL, arrays and objects are JSON
 * text.
 */
#include "sql_parameters.h"

#include <stdlib.h>
#include <string.h>

#include "filter_options.h"
#include "message.h"

const char *sql_parameters_add(const char *value, void *target)
{
    sql_parameters *parameters = target;
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value)
        return "is not NAME=VALUE";
    size_t name_len = (size_t)(equals - value);
    for (size_t i = 0; i < parameters->count; i++)
    {
        const sql_parameter *other = &parameters->list[i];
        if (other->name_len == name_len && memcmp(other->name, value, name_len) == 0)
            return "is given twice";
    }
    sql_parameter *list = realloc(parameters->list, (parameters->count + 1) * sizeof *list);
    if (list == NULL)
        return "cannot be stored: out of memory";
    list[parameters->count++] = (sql_parameter){value, name_len, equals + 1, false};
    parameters->list = list;
    return NULL;
}

static sql_parameter *find(sql_parameters *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->count; i++)
    {
        sql_parameter *parameter = &parameters->list[i];
        if (strlen(name) == parameter->name_len && memcmp(parameter->name, name, parameter->name_len) == 0)
            return parameter;
    }
    return NULL;
}

static int bind_json(sqlite3_stmt *statement, int index, const sql_parameter *parameter)
{
    sqlite3 *db = sqlite3_db_handle(statement);
    sqlite3_stmt *value = NULL;
    int exit_code = EXIT_DONE;
    int code = sqlite3_prepare_v2(db, "SELECT json_extract(?1, '$')", -1, &value, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(value, 1, parameter->value, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(value);
    if (code == SQLITE_ROW)
        sqlite3_bind_value(statement, index, sqlite3_column_value(value, 0));
    else
    {
        message("sql: --param %.*s: '%s': %s", (int)parameter->name_len, parameter->name, parameter->value,
                sqlite3_errmsg(db));
        exit_code = EXIT_USAGE;
    }
    sqlite3_finalize(value);
    return exit_code;
}

static int bind_one(sql_parameters *parameters, sqlite3_stmt *statement, int index)
{
    const char *name = sqlite3_bind_parameter_name(statement, index);
    sql_parameter *parameter = name != NULL ? find(parameters, name + 1) : NULL;
    if (name == NULL)
    {
        message("sql: a parameter without a name cannot be bound: write :name instead of ?");
        return EXIT_DATA;
    }
    if (parameter == NULL)
    {
        message("sql: the parameter %s has no value: give it with --param %s=VALUE", name, name + 1);
        return EXIT_DATA;
    }
    parameter->used = true;
    if (filter_is_json(parameter->value))
        return bind_json(statement, index, parameter);
    if (sqlite3_bind_text(statement, index, parameter->value, -1, SQLITE_STATIC) == SQLITE_OK)
        return EXIT_DONE;
    return message_memory();
}

int sql_parameters_bind(sql_parameters *parameters, sqlite3_stmt *statement)
{
    int exit_code = EXIT_DONE;
    int count = sqlite3_bind_parameter_count(statement);
    for (int i = 1; i <= count && exit_code == EXIT_DONE; i++)
        exit_code = bind_one(parameters, statement, i);
    return exit_code;
}

int sql_parameters_check_used(const sql_parameters *parameters)
{
    for (size_t i = 0; i < parameters->count; i++)
    {
        const sql_parameter *parameter = &parameters->list[i];
        if (!parameter->used)
            return message_usage("sql", "sql: --param %.*s: there is no such parameter in the query",
                                 (int)parameter->name_len, parameter->name);
    }
    return EXIT_DONE;
}

void sql_parameters_free(sql_parameters *parameters)
{
    free(parameters->list);
}
