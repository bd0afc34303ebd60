export { iamCredentials, type IamWarehouse, requireIamPeer } from "./ask.ts";
