/** The last step of the build (bin/lifeos.mjs): initialises, with the PGlite that will open it, the database that new data folders begin with. */
import { PGlite } from '@electric-sql/pglite';
import { EMPTY_DATABASE } from './empty-database.js';

const database = await PGlite.create(EMPTY_DATABASE);
await database.close();
