package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mayfly.yaml.ConfigError;
import dev.mayfly.yaml.ConfigException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong in files of rules is told with its place, its cause and a remedy. */
class RuleErrorsTest {
  private static final String RULE =
      """
      lists: {shells: [sh, bash], ports: [22, 80], none: []}
      rules:
        - id: a.b
          title: A title
          description: Why.
          severity: low
          category: tools
          reaction: audit
          remedy: Do this.
      """;

  private static List<String> errors(String... files) {
    Map<Path, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < files.length; i++) {
      texts.put(Path.of("f" + i), files[i]);
    }
    ConfigException thrown =
        catchThrowableOfType(ConfigException.class, () -> Detections.parse(texts));
    assertThat(thrown).as("files accepted: %s", List.of(files)).isNotNull();
    return thrown.errors().stream().map(ConfigError::toString).toList();
  }

  /** The column is that in the condition, from 1. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          `` | 1: expected a field, "not" or "(", not the end
          file.pth = x | 1: there is no field "file.pth", did you mean "file.path"?
          xyzzyxyzzy = x | 1: there is no field "xyzzyxyzzy": the known ones are event, effect, mark, process.pid
          file.path | 1: file.path is of type text: compare it with something, by =, !=, in, contains, startswith, endswith, glob, matches
          file.path = | 12: expected a value, not the end
          file.path x y | 11: "x" is not an operator: the known ones are in, has, contains, startswith, endswith, glob, matches, within
          file.path glob | 15: expected a value, not the end
          file.path globb x | 11: "globb" is not an operator, did you mean "glob"?
          file.path = a b | 15: expected "and", "or" or the end, not "b"
          file.path = and | 13: expected a value (in quotes if the word itself is meant), not "and"
          file.path = [a] | 13: "=" takes one value, not a list: use in
          file.path = $shells | 13: "=" takes one value, not a list: use in
          file.path in a | 14: "in" takes a list: write [a], or = for one value
          file.path in [a b] | 17: expected "," or "]", not "b"
          file.path in [a, ] | 18: expected a value, not "]"
          file.path in [a | 16: expected "," or "]", not the end
          file.path in $shell | 14: there is no list "$shell", did you mean "$shells"?
          file.path in $x | 14: there is no list "$x": the known ones are $shells, $ports, $none
          file.path in $none | 14: list "$none" has nothing in it: give it values
          file.path < 3 | 11: file.path is of type text, which "<" can't be asked of: use =, !=, in, contains, startswith, endswith, glob, matches
          file.path has x | 11: file.path is of type text, which "has" can't be asked of: use =, !=, in, contains, startswith, endswith, glob, matches
          file.path contains "" | 20: this is in every text: write some text in the quotes
          file.path glob "" | 16: "" is not a pattern: write a name such as main, or one with * such as acme/*
          file.path matches "a(" | 19: "a(" is not a regular expression as RE2 has them: error parsing regexp: missing closing ): `a(`
          file.path matches "(?=a)" | 19: "(?=a)" is not a regular expression as RE2 has them: error parsing regexp: invalid or unsupported Perl syntax: `(?=`
          file.path = "a | 13: the quote that begins here never ends: add a "
          file.path = "a\\n" | 15: \\ in quotes stands before " or \\ only: write \\\\ for one backslash
          file.path matches "(a{1000}){11}" | 19: with its repetitions written out this is too large: use smaller numbers in {…}
          file.path matches "a{1001}" | 19: "a{1001}" is not a regular expression as RE2 has them: error parsing regexp: invalid repeat count: `{1001}`
          file.path glob /etc/* | 21: "*" is not part of the language: write text that has it in double quotes
          file.path = 'a' | 13: "'" is not part of the language: write text that has it in double quotes
          file.path ~ a | 11: "~" is not part of the language: write text that has it in double quotes
          file.path ! a | 11: expected an operator, such as = or in, after file.path, not "!"
          exit.code = x | 13: exit.code is a number, "x" is none: write one such as 22, -1 or 0x10
          exit.code = 99999999999999999999 | 13: exit.code is a number, "99999999999999999999" is none: write one such as 22, -1 or 0x10
          exit.code = 0xg | 13: exit.code is a number, "0xg" is none: write one such as 22, -1 or 0x10
          exit.code in $shells | 14: exit.code is a number, "sh" is none: write one such as 22, -1 or 0x10
          exit.code contains 1 | 11: exit.code is of type number, which "contains" can't be asked of: use =, !=, <, <=, >, >=, in
          exit.code | 1: exit.code is of type number: compare it with something, by =, !=, <, <=, >, >=, in
          file.written = true | 16: file.written is never "true": it is one of yes, no
          file.written in [yes] | 14: file.written is of type yes/no, which "in" can't be asked of: use =, !=
          event = opn | 9: event is never "opn", did you mean "open"?
          event contains open | 7: event is of type choice, which "contains" can't be asked of: use =, !=, in
          change.kind in [create, made] | 25: change.kind is never "made": it is one of create, rename, link, symlink, unlink, chmod, chown, mount
          exec.capabilities has SYSADMIN | 23: exec.capabilities is never "SYSADMIN", did you mean "SYS_ADMIN"?
          process.args = x | 14: process.args is of type list, which "=" can't be asked of: use has, contains, startswith, endswith, glob, matches
          socket.address = 10.0.0.1 | 16: socket.address is of type address, which "=" can't be asked of: use within
          socket.address within 10.0.0 | 23: "10.0.0" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          socket.address within [10.0.0.0/8, 10.0.0.1/8] | 36: 10.0.0.1/8 has bits behind its prefix: write them as zero
          file.written and | 17: expected a field, "not" or "(", not the end
          file.written or or | 17: expected a field, "not" or "(", not "or"
          not | 4: expected a field, "not" or "(", not the end
          (file.written | 1: this parenthesis is never closed: add a )
          file.written) | 13: expected "and", "or" or the end, not ")"
          (file.written file.read) | 15: "file.read" is not an operator: the known ones are in, has
          () | 2: expected a field, "not" or "(", not ")"
          "file.path" = x | 1: expected a field, "not" or "(", not "file.path"
          ancester(process.uid = 0) | 1: "ancester" is not of whom a condition can be, did you mean "ancestor"?
          child(process.uid = 0) | 1: "child" is not of whom a condition can be: the known ones are parent, ancestor, self-or-ancestor
          parent(file.written) | 8: file.written is of the event, not of its process's relatives: write it outside of parent(…)
          ancestor(process.thread-name = x) | 10: process.thread-name is of the event, not of its process's relatives: write it outside of ancestor(…)
          parent(ancestor(process.uid = 0)) | 8: ancestor is already within parent: write the two conditions beside each other
          parent(process.uid = 0 | 7: this parenthesis is never closed: add a )
          file.written and socket.port = 1 | 1: this can never hold: no kind of event has all the fields that it needs together
          event = exec and event = open | 1: this can never hold: no kind of event has all the fields that it needs together
          file.written and not event in [open, change] | 1: this can never hold: no kind of event has all the fields that it needs together
          """)
  void tellsWhatIsWrongInAConditionAndWhere(String condition, String expected) {
    int line = (int) RULE.lines().count() + 1;
    String message = errors(RULE + "    when: |-\n      " + condition + " \n").getFirst();
    String place = expected.substring(0, expected.indexOf(':'));
    assertThat(message)
        .startsWith(
            "f0:%d:%d:%s"
                .formatted(
                    condition.isEmpty() ? line : line + 1,
                    condition.isEmpty() ? 11 : Integer.parseInt(place) + 6,
                    expected.substring(place.length() + 1)));
  }

  @Test
  void tellsEverythingThatIsWrongInACondition() {
    assertThat(
            errors(
                RULE
                    + """
                          when: >
                            file.pth = x and
                              (exit.code = y or not process.nam in [a])
                            and process.path in $x and parent(file.read)
                          target: "{file.pth} {exit.code"
                      """))
        .containsExactly(
            "f0:11:7: there is no field \"file.pth\", did you mean \"file.path\"?",
            "f0:12:22: exit.code is a number, \"y\" is none: write one such as 22, -1 or 0x10",
            "f0:12:31: there is no field \"process.nam\", did you mean \"process.name\"?",
            "f0:13:27: there is no list \"$x\": the known ones are $shells, $ports, $none",
            "f0:13:41: file.read is of the event, not of its process's relatives: write it outside"
                + " of parent(…)",
            "f0:14:15: there is no field \"file.pth\", did you mean \"file.path\"?",
            "f0:14:25: this brace is never closed: write a field as {file.path}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          when: file.pth = x | 11
          when: "file.pth = x" | 12
          when: 'file.pth = x' | 12
          when: "file.path = \\"\\\\\\\\\\" and file.pth = x" | 37
          when: 'file.path = "''" and file.pth = x' | 33
          when: file.written   and   file.pth = x | 32
          """)
  void findsThePlaceHoweverTheConditionIsWritten(String when, int column) {
    assertThat(errors(RULE + "    " + when + "\n"))
        .containsExactly(
            "f0:10:" + column + ": there is no field \"file.pth\", did you mean \"file.path\"?");
  }

  @Test
  void refusesConditionsThatAreTooLongOrDeep() {
    assertThat(errors(RULE + "    when: " + "not ".repeat(60) + "file.read\n"))
        .containsExactly("f0:10:211: nested more than 50 levels deep: make several rules of it");
    assertThat(errors(RULE + "    when: " + "(".repeat(9000) + "\n"))
        .containsExactly("f0:10:61: nested more than 50 levels deep: make several rules of it");
    assertThat(errors(RULE + "    when: " + "file.read or ".repeat(1000) + "file.read\n"))
        .containsExactly(
            "f0:10:11: a condition has at most 10000 characters: make several rules of it");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          remedy: x | 3:5: key "when" is missing: add when: …, or sequence: …
          {when: event = exec, sequence: [event = exec, event = exec]} | a rule has "when" or "sequence", not both: delete one of them
          {sequence: [event = exec, event = exec]} | key "within" is missing: add within: 10s, or another time
          {sequence: [event = exec], within: 5s} | a sequence has 2 to 8 conditions, not 1
          {sequence: [event = exec, event = exec], within: 5s, count: 2, distinct: event} | count is not for a sequence: delete it, or write when: …
          {when: event = exec, count: 1, within: 5s} | count must be between 2 and 1000, not 1
          {when: event = exec, count: 2} | key "within" is missing: add within: 10s, or another time
          {when: event = exec, count: 2, within: 5} | within: "5" has no unit: write 5s for seconds, 5m for minutes or 5h for hours
          {when: event = exec, count: 2, within: 2h} | within must be between 1s and 1h, not 2h
          {when: event = exec, within: 5s} | within is about several events: add count: …, or delete within
          {when: event = exec, by: process} | by is about several events: add count: …, or delete by
          {when: event = exec, distinct: event} | distinct is about several events: add count: …, or delete distinct
          {when: event = exec, count: 2, within: 5s, distinct: file.pth} | distinct: there is no field "file.pth", did you mean "file.path"?
          {when: event = exec, count: 2, within: 5s, distinct: file.path} | no event that the condition can hold of has file.path: name a field that it has
          {when: event = exec, count: 2, within: 5s, by: thread} | by must be one of sandbox, process, parent, session, not "thread"
          {when: dns.refused, count: 2, within: 5s, by: process} | of dns events the process is not known: delete by, or write by: sandbox
          {when: event = exec, target: "{file.path}"} | no event that the condition can hold of has file.path: name a field that it has
          {when: event = exec, target: "{file}"} | there is no field "file": write one as {file.path}
          {when: event = exec, id: cron} | id: "cron" is not a rule's id: write one such as persistence.cron, in lower case
          {when: event = exec, title: A title.} | title: it is to be one line of at most 80 characters without a dot
          {when: event = exec, description: ""} | description: there is no text: write a sentence
          {when: event = exec, severity: urgent} | severity must be one of info, low, medium, high, critical, not "urgent"
          {when: event = exec, category: misc} | category must be one of egress, persistence, outlive, credentials, memory, escape, execution, tampering, evasion, tools, not "misc"
          {when: event = exec, reaction: warn} | reaction must be one of audit, block, kill, not "warn"
          {when: event = exec, technique: 1053} | technique: "1053" is not a technique of ATT&CK: write one such as T1053.003
          {when: event = exec, techniqe: T1053} | unknown key "techniqe", did you mean "technique"?
          """)
  void tellsWhatIsWrongInARule(String keys, String expected) {
    String flow = keys.startsWith("{") ? keys.substring(1, keys.length() - 1) : keys;
    StringBuilder rule = new StringBuilder("  - {" + flow);
    for (String line :
        List.of(
            "id: a.b",
            "title: T",
            "description: D",
            "severity: low",
            "category: tools",
            "reaction: audit",
            "remedy: R")) {
      String key = line.substring(0, line.indexOf(':') + 1);
      rule.append(flow.contains(key) ? "" : ", " + line);
    }
    assertThat(errors("rules:\n\n" + rule + "}\n").getFirst())
        .matches("f0:3:[0-9]+: .*")
        .endsWith(expected.substring(expected.startsWith("3:5: ") ? 5 : 0));
  }

  @Test
  void tellsWhatIsWrongInAllFilesTogether() {
    String good = RULE + "    when: event = exec\n";
    assertThat(
            errors(
                good,
                "lists: {shells: [x], Bad: [y]}\nrules:\n  - {id: a.b, when: file.written}\n",
                good.replace("lists: {", "lists: {x: [").replace("ports: [22, 80]", "&a b]"),
                "watched:\n  - {name: a/b, use: [write]}\n"))
        .contains(
            "f1:1:9: a list is named \"shells\" in f0 already: give this one another name",
            "f1:1:22: a key of lists: \"Bad\" is not a list's name: use lower-case letters, digits"
                + " and '-'",
            "f1:3:10: a rule is named \"a.b\" in f0 already: give this one another id",
            "f1:3:5: key \"title\" is missing: add title: …",
            "f3:2:12: name is not the name of a directory entry: write one without slashes")
        .anyMatch(error -> error.startsWith("f2:"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {use: [write]} | directory and name are both missing: write at least one of them
          {name: x} | key "use" is missing: add use: …
          {name: x, use: []} | use names nothing: write [read], [write] or both
          {name: x, use: [exec]} | use must be one of read, write, not "exec"
          {name: x, use: [read], refusable: [write]} | refusable names more than use: write it there, too
          {name: x, use: [read], refusable: [exec]} | use must be one of read, write, not "exec"
          {name: "", directory: x, use: [read]} | name: there is no text: leave the key out
          {name: x, below: true, use: [read]} | below needs a directory, and takes no name
          {name: x, directory: y, below: true, use: [read]} | below needs a directory, and takes no name
          {name: .., use: [read]} | name is not the name of a directory entry: write one without slashes
          {directory: a/b, use: [read]} | directory is not the name of a directory entry: write one without slashes
          {directory: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, use: [read]} | directory has 32 bytes, and the kernel's side compares at most 31: watch something else of it
          {directory: äöüäöüäöüäöüäöüä, use: [read]} | directory has 32 bytes, and the kernel's side compares at most 31: watch something else of it
          {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, use: [read]} | name has 48 bytes, and the kernel's side compares at most 47: watch something else of it
          """)
  void tellsWhatIsWrongInAWatchedPlace(String place, String expected) {
    assertThat(errors("watched: [" + place + "]\n").getFirst())
        .matches("f0:1:[0-9]+: .*")
        .endsWith(expected);
  }
}
