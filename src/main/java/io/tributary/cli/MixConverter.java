package io.tributary.cli;

import io.tributary.local.Mix;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code insert=40,update=45,delete=15}. */
final class MixConverter implements ITypeConverter<Mix> {
    @Override
    public Mix convert(String value) {
        try {
            return Mix.parse(value);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
