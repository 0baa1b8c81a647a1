/** The texts of an area in another language: one for each of the English; of plurals Vietnamese has only NAME_other. */
export type Translated<Area> = { readonly [Name in keyof Area as Name extends `${string}_one` ? never : Name]: string };
