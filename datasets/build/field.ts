import { type CatalogueField, tableSchemaType } from "../catalogue-type.ts";
import type { ColumnType } from "../column-type.ts";

/** A column as the catalogue describes it. */
export function field(name: string, arrowType: ColumnType, unit: string, description: string): CatalogueField {
  return {
    name,
    type: tableSchemaType(arrowType),
    arrowType,
    unit,
    description,
  };
}
