import { EtlError } from "@spacex-etl/contracts";
import { PASSWORD_HINT, PASSWORD_VARIABLE, type RedshiftWarehouse } from "../config/index.ts";

/** @throws EtlError of kind `auth`, WAREHOUSE_AUTH, where there is none. */
export async function requirePassword(warehouse: RedshiftWarehouse): Promise<string> {
  const password = await warehouse.password();
  if (password !== undefined && password !== "") return password;
  throw new EtlError({
    kind: "auth",
    code: "WAREHOUSE_AUTH",
    message: `There is no password for ${warehouse.display}: ${PASSWORD_VARIABLE} is not set.`,
    hint: PASSWORD_HINT,
  });
}
