package io.tributary.doctor;

import io.tributary.doctor.Finding.Level;
import io.tributary.sink.Examination.Fix;
import java.util.ArrayList;
import java.util.List;

/** What the check of one component finds, in the order it looks. */
final class Findings {
    private final String component;
    private final List<Finding> all = new ArrayList<>();

    Findings(String component) {
        this.component = component;
    }

    void add(Level level, String what, String remedy) {
        all.add(new Finding(component, level, what, remedy, null, ""));
    }

    void ok(String what) {
        all.add(new Finding(component, Level.OK, what, "", null, ""));
    }

    void warning(String what, String remedy) {
        all.add(new Finding(component, Level.WARNING, what, remedy, null, ""));
    }

    void wrong(String what, String remedy) {
        all.add(new Finding(component, Level.WRONG, what, remedy, null, ""));
    }

    void wrong(String what, String remedy, Fix fix) {
        wrong(what, remedy, fix, "");
    }

    void wrong(String what, String remedy, Fix fix, String after) {
        all.add(new Finding(component, Level.WRONG, what, remedy, fix, after));
    }

    void warning(String what, String remedy, Fix fix) {
        all.add(new Finding(component, Level.WARNING, what, remedy, fix, ""));
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
