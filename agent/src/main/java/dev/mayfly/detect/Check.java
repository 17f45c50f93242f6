package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.policy.IpRange;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** An {@link Expression} made ready to be asked often. */
@FunctionalInterface
interface Check {
  /** How far back ancestors are looked at. */
  int MOST_ANCESTORS = 64;

  /**
   * Whether it holds.
   *
   * @param actor the event's process or an ancestor of it
   */
  boolean holds(Scene scene, Actor actor);

  static Check of(Expression expression) {
    return switch (expression) {
      case Expression.And and -> all(checks(and.parts()));
      case Expression.Or or -> any(checks(or.parts()));
      case Expression.Not not -> {
        Check part = of(not.part());
        yield (scene, actor) -> !part.holds(scene, actor);
      }
      case Expression.OfKin kin -> ofKin(kin.kin(), of(kin.part()));
      case Expression.Says says -> {
        boolean wanted = says.value();
        Field.Reader<Boolean> reader = says.field().reader();
        yield (scene, actor) -> {
          Boolean value = reader.read(scene, actor);
          return value != null && value == wanted;
        };
      }
      case Expression.Counts counts -> {
        NumberMatch match = counts.match();
        Field.Reader<Long> reader = counts.field().reader();
        yield (scene, actor) -> {
          Long value = reader.read(scene, actor);
          return value != null && match.test(value);
        };
      }
      case Expression.Reads reads -> text(reads.field().reader(), reads.match());
      case Expression.Chooses chooses -> text(chooses.field().reader(), chooses.match());
      case Expression.Holds holds -> {
        Check ofSome = ofSome(holds.field().reader(), holds.match());
        Field.Reader<String> together = holds.field().together();
        yield together == null ? ofSome : all(possible(together, holds.match()), ofSome);
      }
      case Expression.Lies lies -> within(lies.field().reader(), lies.ranges());
    };
  }

  /**
   * What takes little time is asked first: it decides most often, and the order changes nothing.
   */
  private static Check[] checks(List<Expression> parts) {
    return parts.stream()
        .sorted(Comparator.comparingInt(Check::cost))
        .map(Check::of)
        .toArray(Check[]::new);
  }

  private static int cost(Expression expression) {
    return switch (expression) {
      case Expression.Says _, Expression.Counts _, Expression.Chooses _ -> 1;
      case Expression.Lies _ -> 2;
      case Expression.Reads reads -> reads.match().cost();
      case Expression.Holds holds -> 2 * holds.match().cost();
      case Expression.Not not -> cost(not.part());
      case Expression.And and -> cost(and.parts());
      case Expression.Or or -> cost(or.parts());
      case Expression.OfKin kin ->
          cost(kin.part()) * (kin.kin() == Expression.Kin.PARENT ? 2 : MOST_ANCESTORS);
    };
  }

  private static int cost(List<Expression> parts) {
    return parts.stream().mapToInt(Check::cost).sum();
  }

  private static Check all(Check... parts) {
    return (scene, actor) -> {
      for (Check part : parts) {
        if (!part.holds(scene, actor)) {
          return false;
        }
      }
      return true;
    };
  }

  private static Check any(Check... parts) {
    return (scene, actor) -> {
      for (Check part : parts) {
        if (part.holds(scene, actor)) {
          return true;
        }
      }
      return false;
    };
  }

  private static Check text(Field.Reader<String> reader, TextMatch match) {
    return (scene, actor) -> {
      String value = reader.read(scene, actor);
      return value != null && match.test(value);
    };
  }

  /** One look at all of them together is most often the last one. */
  private static Check possible(Field.Reader<String> together, TextMatch match) {
    return (scene, actor) -> {
      String texts = together.read(scene, actor);
      return texts != null && match.possibleFor(texts);
    };
  }

  private static Check ofSome(Field.Reader<List<String>> reader, TextMatch match) {
    return (scene, actor) -> {
      List<String> values = reader.read(scene, actor);
      if (values != null) {
        for (String value : values) {
          if (match.test(value)) {
            return true;
          }
        }
      }
      return false;
    };
  }

  private static Check within(Field.Reader<InetAddress> reader, List<IpRange> ranges) {
    return (scene, actor) -> {
      InetAddress address = reader.read(scene, actor);
      if (address != null) {
        for (IpRange range : ranges) {
          if (range.contains(address)) {
            return true;
          }
        }
      }
      return false;
    };
  }

  private static Check ofKin(Expression.Kin kin, Check part) {
    int most = kin == Expression.Kin.PARENT ? 1 : MOST_ANCESTORS;
    Check ofAncestors =
        (scene, actor) -> {
          Optional<Actor> at = actor.parent();
          for (int i = 0; i < most && at.isPresent(); i++) {
            if (part.holds(scene, at.get())) {
              return true;
            }
            at = at.get().parent();
          }
          return false;
        };
    return kin == Expression.Kin.SELF_OR_ANCESTOR ? any(part, ofAncestors) : ofAncestors;
  }
}
