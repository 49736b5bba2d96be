import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ApplicationModule } from './application/application.module.js';
import { HttpModule } from './interfaces/http/http.module.js';

@Module({})
class AdaptersModule {}

/** Puts the layers together: adapters for the application's ports, the application, and its HTTP interface. */
@Module({})
export class AppModule {
  /** @param adapters a provider for every port */
  static with(adapters: readonly Provider[]): DynamicModule {
    const tokens = adapters.map((provider) => (typeof provider === 'function' ? provider : provider.provide));
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        { module: AdaptersModule, global: true, providers: [...adapters], exports: tokens },
        ApplicationModule,
        HttpModule,
      ],
    };
  }
}
