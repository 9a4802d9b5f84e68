/* Completion for bash and zsh, made from the verbs and the tables of options. */
#include <ctype.h>
#include <string.h>

#include "cli.h"

static void no_title(void *user, const char *text)
{
    (void)user;
    (void)text;
}

/* Values that are paths: "FILE|DIR", "BANK", "E.npy". Those in capitals that are none are numbers or names. */
static bool takes_path(const char *values)
{
    static const char *const paths[] = {"FILE", "DIR", "BANK", "OUT", "IMG", "."};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (strstr(values, paths[i]) && strcmp(values, "NAME...") != 0) return true;
    return false;
}

/* The words among "N|all": what may be typed as it stands. Names of backbones and layers are known too. */
static void print_words(FILE *script, const char *name, const char *values)
{
    if (strcmp(name, "backbone") == 0) {
        okng_backbone_info info = {.struct_size = sizeof info};
        for (size_t i = 0; i < okng_backbone_count(); i++)
            if (okng_backbone_get(i, &info, NULL) == OKNG_OK)
                (void)fprintf(script, "%s%s", i > 0 ? " " : "", info.name);
        return;
    }
    if (strcmp(name, "public file") == 0) { /* what okng weights get takes */
        print_words(script, "backbone", "");
        (void)fputs(" clip-vocabulary", script);
        return;
    }
    if (strcmp(name, "layers") == 0) (void)fputs("layer1 layer2 layer3 layer4", script);
    for (bool first = true; *values; values += *values == '|') {
        size_t length = strcspn(values, "|");
        if (islower((unsigned char)*values)) {
            (void)fprintf(script, "%s%.*s", first ? "" : " ", (int)length, values);
            first = false;
        }
        values += length;
    }
}

/* What print_words needs for a verb's word without dashes; false when there is none, or it is a path. */
static bool operand_words(const okng_cli_verb *verb, const char **name, const char **values)
{
    bool file = verb->operand && strcmp(verb->operand, "NAME") == 0;
    *name = file ? "public file" : "";
    *values = verb->choices ? verb->choices : "";
    return file || verb->choices;
}

/* ---- bash ----------------------------------------------------------------------------------- */

static void bash_name(void *script, const char *name, const char *values, const char *help)
{
    (void)values;
    (void)help;
    (void)fprintf(script, " --%s", name);
}

/* A branch of the case of options, for one that takes a value. */
static void bash_value(void *script, const char *name, const char *values, const char *help)
{
    (void)help;
    if (!values) return;
    (void)fprintf(script, "            --%s) value=1 ", name);
    if (takes_path(values)) {
        (void)fputs("files=1 ;;\n", script);
        return;
    }
    (void)fputs("words='", script);
    print_words(script, name, values);
    (void)fputs("' ;;\n", script);
}

/* A branch of the case of verbs. */
static void bash_verb(FILE *script, const okng_cli_verb *verb)
{
    const char *name, *values;
    (void)fprintf(script, "        '%s'%s)\n            options='", verb->name, strchr(verb->name, ' ') ? "" : "\\ *");
    okng_cli_say_options(verb, &(okng_cli_sayer){no_title, bash_name}, script);
    (void)fputs("'\n", script);
    if (operand_words(verb, &name, &values)) {
        (void)fputs("            words='", script);
        print_words(script, name, values);
        (void)fputs("'\n", script);
    } else if (verb->operand) {
        (void)fputs("            files=1\n", script);
    }
    (void)fputs("            case \"$previous\" in\n", script);
    okng_cli_say_options(verb, &(okng_cli_sayer){no_title, bash_value}, script);
    (void)fputs("            esac ;;\n", script);
}

/* True when the first word of verb i is not that of the verb before it. */
static bool is_new_word(size_t i, int *length)
{
    const char *name = okng_cli_verbs[i]->name, *before = i > 0 ? okng_cli_verbs[i - 1]->name : "";
    *length = (int)strcspn(name, " ");
    return strcspn(before, " ") != (size_t)*length || strncmp(before, name, (size_t)*length) != 0;
}

static void first_words(FILE *script)
{
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        int length;
        if (is_new_word(i, &length)) (void)fprintf(script, "%.*s ", length, okng_cli_verbs[i]->name);
    }
}

/* "show list get" of the verbs "weights ..." that begin at i. */
static void second_words(FILE *script, size_t i, int length)
{
    const char *first = okng_cli_verbs[i]->name;
    for (; okng_cli_verbs[i]; i++) {
        const char *name = okng_cli_verbs[i]->name;
        if (strncmp(name, first, (size_t)length + 1) != 0) break;
        (void)fprintf(script, "%s ", name + length + 1);
    }
}

static const char bash_head[] = "# bash completion for okng. Made by okng --write-pages.\n"
                                "_okng() {\n"
                                "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
                                "    local words='' options='' files='' value=''\n"
                                "    # --name=value comes as three words\n"
                                "    if [ \"$current\" = = ]; then current=''\n"
                                "    elif [ \"$previous\" = = ]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
                                "    case \"$COMP_CWORD ${COMP_WORDS[1]}\" in\n";

static const char bash_tail[] = "        esac ;;\n"
                                "    esac\n"
                                "    [ -n \"$value\" ] || case $current in -*) words=$options files='' ;; esac\n"
                                "    COMPREPLY=()\n"
                                "    if [ -n \"$files\" ]; then\n"
                                "        compopt -o filenames 2>/dev/null\n"
                                "        mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                                "    else\n"
                                "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
                                "    fi\n"
                                "}\n"
                                "complete -F _okng okng\n";

void okng_cli_complete_bash(FILE *script)
{
    (void)fprintf(script, "%s    '1 '*) words='", bash_head);
    first_words(script);
    (void)fputs("help' options='--help --version' ;;\n", script);
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        int length;
        const char *name = okng_cli_verbs[i]->name;
        if (!is_new_word(i, &length) || !name[length]) continue;
        (void)fprintf(script, "    '2 %.*s') words='", length, name);
        second_words(script, i, length);
        (void)fputs("' ;;\n", script);
    }
    (void)fputs("    '2 help') words='", script);
    first_words(script);
    (void)fputs("' ;;\n    *)\n        case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n", script);
    for (size_t i = 0; okng_cli_verbs[i]; i++) bash_verb(script, okng_cli_verbs[i]);
    (void)fputs(bash_tail, script);
}

/* ---- zsh ------------------------------------------------------------------------------------ */

/* Text inside '...[here]': without what ends either. */
static void zsh_text(FILE *script, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            (void)fputs("'\\''", script);
        else if (strchr("[]:\\", *text))
            (void)fprintf(script, "\\%c", *text);
        else
            (void)fputc(*text, script);
    }
}

static void zsh_option(void *script, const char *name, const char *values, const char *help)
{
    (void)fprintf(script, " \\\n            '--%s%s[", name, values ? "=" : "");
    zsh_text(script, help);
    (void)fputc(']', script);
    if (values) {
        (void)fputc(':', script);
        zsh_text(script, values);
        (void)fputs(takes_path(values) ? ":_files" : ":(", script);
        if (!takes_path(values)) print_words(script, name, values);
        if (!takes_path(values)) (void)fputc(')', script);
    }
    (void)fputc('\'', script);
}

static void zsh_verb(FILE *script, const okng_cli_verb *verb)
{
    const char *name, *values;
    (void)fprintf(script, "        '%s')\n        _arguments -S", verb->name);
    okng_cli_say_options(verb, &(okng_cli_sayer){no_title, zsh_option}, script);
    if (operand_words(verb, &name, &values)) {
        (void)fprintf(script, " \\\n            ':%s:(", verb->operand);
        print_words(script, name, values);
        (void)fputs(")'", script);
    } else if (verb->operand) {
        (void)fprintf(script, " \\\n            '%s:%s:_files'", okng_cli_takes_several(verb) ? "*" : "",
                      verb->operand);
    }
    (void)fputs(" ;;\n", script);
}

void okng_cli_complete_zsh(FILE *script)
{
    (void)fputs("#compdef okng\n# zsh completion for okng. Made by okng --write-pages.\n_okng() {\n"
                "    local verb=${words[2]}\n    if (( CURRENT == 2 )); then\n        compadd -- ",
                script);
    first_words(script);
    (void)fputs("help --help --version\n        return\n    fi\n    case $verb in\n", script);
    for (size_t i = 0; okng_cli_verbs[i]; i++) {
        int length;
        const char *name = okng_cli_verbs[i]->name;
        if (!is_new_word(i, &length) || !name[length]) continue;
        (void)fprintf(script, "        %.*s)\n        if (( CURRENT == 3 )); then compadd -- ", length, name);
        second_words(script, i, length);
        (void)fputs("; return; fi\n        verb=\"$verb ${words[3]}\"; shift words; (( CURRENT-- )) ;;\n", script);
    }
    (void)fputs("    esac\n    shift words; (( CURRENT-- ))\n    case $verb in\n", script);
    for (size_t i = 0; okng_cli_verbs[i]; i++) zsh_verb(script, okng_cli_verbs[i]);
    (void)fputs("    esac\n}\nif [ \"$funcstack[1]\" = _okng ]; then _okng \"$@\"; else compdef _okng okng; fi\n",
                script);
}
