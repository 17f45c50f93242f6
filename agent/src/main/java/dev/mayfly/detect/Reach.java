package dev.mayfly.detect;

import java.util.EnumSet;
import java.util.Set;

/**
 * Of which kinds of events a condition may hold.
 *
 * @param possible it does not hold of others
 * @param certain it holds of each of these
 */
record Reach(Set<EventKind> possible, Set<EventKind> certain) {
  private static final String KIND = "event";

  static Reach of(Expression expression) {
    return switch (expression) {
      case Expression.And and -> {
        Set<EventKind> possible = EnumSet.allOf(EventKind.class);
        Set<EventKind> certain = EnumSet.allOf(EventKind.class);
        for (Expression part : and.parts()) {
          Reach its = of(part);
          possible.retainAll(its.possible);
          certain.retainAll(its.certain);
        }
        yield new Reach(possible, certain);
      }
      case Expression.Or or -> {
        Set<EventKind> possible = EnumSet.noneOf(EventKind.class);
        Set<EventKind> certain = EnumSet.noneOf(EventKind.class);
        for (Expression part : or.parts()) {
          Reach its = of(part);
          possible.addAll(its.possible);
          certain.addAll(its.certain);
        }
        yield new Reach(possible, certain);
      }
      case Expression.Not not -> {
        Reach its = of(not.part());
        yield new Reach(without(its.certain), without(its.possible));
      }
      case Expression.OfKin _ -> new Reach(EventKind.OF_PROCESSES, Set.of());
      case Expression.Says says -> holders(says.field());
      case Expression.Counts counts -> holders(counts.field());
      case Expression.Reads reads -> holders(reads.field());
      case Expression.Holds holds -> holders(holds.field());
      case Expression.Lies lies -> holders(lies.field());
      case Expression.Chooses chooses when chooses.field().name().equals(KIND) -> {
        Set<EventKind> named = EnumSet.allOf(EventKind.class);
        named.removeIf(kind -> !chooses.match().test(kind.word()));
        yield new Reach(named, named);
      }
      case Expression.Chooses chooses -> holders(chooses.field());
    };
  }

  private static Reach holders(Field field) {
    return new Reach(field.about().kinds(), Set.of());
  }

  private static Set<EventKind> without(Set<EventKind> kinds) {
    Set<EventKind> others = EnumSet.allOf(EventKind.class);
    others.removeAll(kinds);
    return others;
  }
}
